import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// What a file that was rotated away is told by, where others begin as it did, as with a long banner.
@Suite struct CopySearchTests {
  let scratch = Scratch()
  private let banner = String(repeating: "a banner of 21 bytes\n", count: 100)

  /// Of a file of which nothing was read but how it begins.
  private func unread(_ name: String, inode: UInt64, readAtMilliseconds: Int64 = .max) throws -> Checkpoint {
    let device = try LinuxFiles().status(of: scratch.path("log")).identity.device
    let head = Array(banner.utf8.prefix(FileHead.byteLimit)).withUnsafeBytes { Fingerprint(of: $0) }
    var checkpoint = Checkpoint(
      path: scratch.path(name), identity: FileIdentity(device: device, inode: inode), head: head, offset: 0,
      marker: .none)
    checkpoint.readAtMilliseconds = readAtMilliseconds
    return checkpoint
  }

  private func inode(_ name: String) throws -> UInt64 {
    try LinuxFiles().status(of: scratch.path(name)).identity.inode
  }

  /// Where the file of a checkpoint is found, as a copy, or renamed.
  private func find(
    _ checkpoint: Checkpoint, beside others: Checkpoint..., asCopy: Bool = true, after found: Checkpoint? = nil
  ) throws -> FilePath? {
    let all = [checkpoint] + others
    return try Scheduler().run {
      var search = CopySearch(LinuxFiles(), own: OwnFiles(), for: all) {}
      if let found { _ = try await search.copied(found) }
      let copy = asCopy ? try await search.copied(checkpoint) : try await search.renamed(checkpoint)
      return copy?.path
    }
  }

  @Test func copyOfAFileThatKeptItsPlace() throws {
    scratch.append(banner + "one\n", to: "log.1")
    scratch.append(banner + "two\n", to: "log")
    let kept = try find(try unread("log", inode: try inode("log")))
    #expect(kept == scratch.path("log.1"))
    let gone = try find(try unread("log", inode: .max))
    #expect(gone == nil, "nobody copied what was renamed or deleted")
  }

  @Test func compressedFileThatHasAnInodeOfAnother() throws {
    scratch.append(banner + "one\n", to: "log.1")
    scratch.gzip("log.1")
    scratch.append(banner, to: "log")
    let inode = try inode("log.1.gz")
    let early = try unread("log", inode: inode, readAtMilliseconds: 1000)
    let late = try unread("log", inode: inode)
    let found = [try find(late, asCopy: false), try find(early, asCopy: false), try find(early)]
    #expect(found[0] == scratch.path("log.1.gz"))
    #expect(found[1] == nil, "it was written to after that")
    #expect(found[2] == scratch.path("log.1.gz"), "it may be what that became")
  }

  @Test func shorterCompressedFileMayBeAnotherThatBeginsAlike() throws {
    scratch.append(banner + "one\n", to: "log.1")
    scratch.gzip("log.1")
    scratch.append(banner, to: "log")
    var read = try unread("log", inode: .max - 1)
    read.offset = UInt64(banner.utf8.count) + 1000
    read.marker = Fingerprint(byteCount: Fingerprint.markerByteLimit, hash: 1)
    let found = try find(try unread("log", inode: .max), beside: read)
    #expect(found == scratch.path("log.1.gz"), "it was not cut short of what was read")
  }

  /// Of a file that was read to its end, which was this text behind the banner.
  private func read(_ text: String, inode: UInt64) throws -> Checkpoint {
    var checkpoint = try unread("log", inode: inode)
    checkpoint.offset = UInt64(banner.utf8.count + text.utf8.count)
    checkpoint.marker = Array((banner + text).utf8).withUnsafeBytes { Fingerprint.marker(before: $0) }
    checkpoint.isDone = true
    return checkpoint
  }

  @Test func whatAnInodeWasBeforeIsKnownWhereWhatItWasLastIsFound() throws {
    for (index, text) in ["one\n", "two two\n", "three\n"].enumerated() {
      scratch.append(banner + text, to: "log.\(3 - index)")
      scratch.touch("log.\(3 - index)", "2026-01-0\(index + 1)")
      scratch.gzip("log.\(3 - index)")
    }
    scratch.append(banner, to: "log")
    let (former, last) = (try read("one\n", inode: .max - 1), try read("two two\n", inode: .max - 1))
    let found = try find(try unread("log", inode: .max), beside: former, last, after: last)
    #expect(found == scratch.path("log.1.gz"), "the oldest was read")
  }

  @Test func whatWasCutShortIsKnownWhereAnotherHasTheInode() throws {
    scratch.append("one\ntwo\n", to: "log.1")
    scratch.append("three\n", to: "log.2")
    for name in ["log.2", "log.1"] { scratch.gzip(name) }
    scratch.append("", to: "log")
    var checkpoint = try unread("log", inode: try inode("log.2.gz"))
    let bytes = Array("one\ntwo\nlate\n".utf8)
    checkpoint.head = bytes.withUnsafeBytes { Fingerprint(of: $0) }
    (checkpoint.offset, checkpoint.marker, checkpoint.isDone) = (UInt64(bytes.count), checkpoint.head, true)
    let known = [checkpoint]
    let rotated = try Scheduler().run { [scratch] in
      var search = CopySearch(LinuxFiles(), own: OwnFiles(), for: known) {}
      return try await search.rotated(from: scratch.path("log"), unknownTo: known).map(\.path)
    }
    #expect(!rotated.contains(scratch.path("log.1.gz")), "it was read, and written to after it was compressed")
  }

  @Test func fewBytesAreOfNoFileOfWhichMoreIsKnown() throws {
    scratch.append("", to: "log")
    scratch.append("10:00 one\n10:00 two\n", to: "log.1")
    func read(_ text: String, inode: UInt64) throws -> Checkpoint {
      var checkpoint = try unread("log", inode: inode)
      checkpoint.head = Array(text.utf8).withUnsafeBytes { Fingerprint(of: $0) }
      (checkpoint.offset, checkpoint.marker, checkpoint.isDone) = (UInt64(text.utf8.count), checkpoint.head, true)
      return checkpoint
    }
    let short = try read("10", inode: .max)
    #expect(try find(short) == scratch.path("log.1"))
    let whole = try read("10:00 one\n10:00 two\n", inode: try inode("log"))
    #expect(try find(short, beside: whole, after: whole) == nil)
  }
}
