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

  private func search(_ checkpoints: Checkpoint...) -> CopySearch {
    CopySearch(LinuxFiles(), own: OwnFiles(), for: checkpoints) {}
  }

  @Test func copyOfAFileThatKeptItsPlace() throws {
    let scratch = scratch
    scratch.append(banner + "one\n", to: "log.1")
    scratch.append(banner + "two\n", to: "log")
    let kept = try unread("log", inode: try inode("log"))
    let gone = try unread("log", inode: .max)
    try Scheduler().run {
      var search = search(kept)
      #expect(try await search.copied(kept)?.path == scratch.path("log.1"))
      search = self.search(gone)
      #expect(try await search.copied(gone) == nil, "nobody copied what was renamed or deleted")
    }
  }

  @Test func compressedFileThatHasAnInodeOfAnother() throws {
    let scratch = scratch
    scratch.append(banner + "one\n", to: "log.1")
    scratch.gzip("log.1")
    scratch.append(banner, to: "log")
    let inode = try inode("log.1.gz")
    let early = try unread("log", inode: inode, readAtMilliseconds: 1000)
    let late = try unread("log", inode: inode)
    try Scheduler().run {
      var search = search(late)
      #expect(try await search.renamed(late)?.path == scratch.path("log.1.gz"))
      search = self.search(early)
      #expect(try await search.renamed(early) == nil, "it was written to after that")
      #expect(try await search.copied(early)?.path == scratch.path("log.1.gz"), "it may be what that became")
    }
  }

  @Test func shorterCompressedFileMayBeAnotherThatBeginsAlike() throws {
    let scratch = scratch
    scratch.append(banner + "one\n", to: "log.1")
    scratch.gzip("log.1")
    scratch.append(banner, to: "log")
    let sought = try unread("log", inode: .max)
    var read = try unread("log", inode: .max - 1)
    read.offset = UInt64(banner.utf8.count) + 1000
    read.marker = Fingerprint(byteCount: Fingerprint.markerByteLimit, hash: 1)
    try Scheduler().run {
      var search = search(read)
      #expect(try await search.rotated(from: scratch.path("log"), unknownTo: [read]).isEmpty, "it was cut short")
      search = self.search(sought, read)
      #expect(try await search.copied(sought)?.path == scratch.path("log.1.gz"))
    }
  }
}
