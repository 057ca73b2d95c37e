import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// The content of real gzip files, read as following reads.
@Suite struct GzipFileTests {
  let scratch = Scratch()

  /// Lines, some alike and some not.
  static func text(_ byteCount: Int) -> [UInt8] {
    var random = Seeded(state: UInt64(byteCount))
    var text: [UInt8] = []
    while text.count < byteCount {
      text += Array("line \(random.next() % 1000) of a log with \(random.next()) in it\n".utf8)
    }
    return Array(text.prefix(byteCount))
  }

  /// Compresses with gzip(1).
  static func gzip(_ bytes: [UInt8], _ options: String = "", in scratch: Scratch) -> [UInt8] {
    scratch.write(bytes, to: "plain")
    let (plain, packed) = (scratch.path("plain").string, scratch.path("packed").string)
    precondition(Scratch.run("/bin/sh", ["-c", "gzip -c \(options) \(plain) > \(packed)"]) == 0)
    return all(of: packed)
  }

  static func all(of path: String) -> [UInt8] {
    guard let file = try? Descriptor(opening: FilePath(path), flags: O_RDONLY), let status = try? file.status(),
      let bytes = try? file.bytes(at: 0, count: Int(status.size))
    else { preconditionFailure("cannot read \(path)") }
    return bytes
  }

  private func open(_ bytes: [UInt8], _ name: String = "packed", limit: UInt64 = .max) throws -> GzipFile {
    scratch.write(bytes, to: name)
    return try GzipFile(Descriptor(opening: scratch.path(name), flags: O_RDONLY), at: scratch.path(name), limit: limit)
  }

  /// Goes there, as following does before it reads.
  static func go(_ file: GzipFile, to offset: UInt64) throws {
    while try !file.step(toward: offset) {}
  }

  /// Reads on from `start` in chunks, each with 64 bytes before it, to where the content ends.
  static func read(_ file: GzipFile, from start: Int = 0, chunkBytes: Int = 100_000) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let offset = start + bytes.count
      try go(file, to: UInt64(offset))
      let size = Int(try file.status().size)
      guard size > offset else { return bytes }
      let before = min(64, bytes.count)
      let chunk = try file.bytes(at: UInt64(offset - before), count: before + chunkBytes)
      try #require(chunk.count > before && chunk.prefix(before) == bytes.suffix(before))
      bytes += chunk.dropFirst(before)
    }
  }

  @Test(arguments: ["-1", "-6", "-9", "-n", "-9 --rsyncable"], [0, 1, 64, 1000, 70_000, 3_000_000])
  func content(options: String, byteCount: Int) throws {
    let text = Self.text(byteCount)
    let file = try open(Self.gzip(text, options, in: scratch))
    #expect(try Self.read(file) == text)
    #expect(file.ending == .whole && !file.hasGarbage)
    let status = try file.status()
    #expect(status.size == UInt64(byteCount) && status.kind == .regular && status.linkCount == 1)
    #expect(try status.identity == FileStatus.of(scratch.path("packed")).identity)
  }

  @Test func anyPartIsTheSameInAnyOrder() throws {
    let text = Self.text(400_000)
    let file = try open(Self.gzip(text, in: scratch))
    var random = Seeded(state: 7)
    for _ in 0..<300 {
      let offset = Int(random.next() % UInt64(text.count + 100))
      let count = [1, 64, 1024, 9000, 100_000][Int(random.next() % 5)]
      if random.next() % 2 == 0 { try Self.go(file, to: UInt64(offset)) }
      let expected = text.dropFirst(offset).prefix(count)
      #expect(try file.bytes(at: UInt64(offset), count: count) == Array(expected))
    }
  }

  @Test func membersStandBehindEachOther() throws {
    let parts = [Self.text(50_000), [], Self.text(10), Self.text(70_000)]
    let packed = parts.flatMap { Self.gzip($0, in: scratch) }
    let file = try open(packed)
    #expect(try Self.read(file) == parts.flatMap { $0 })
    #expect(file.ending == .whole)
    // 128 KiB of members without content in between.
    let empty = Self.gzip([], in: scratch)
    let many = try open(packed + (0..<7000).flatMap { _ in empty } + packed)
    #expect(try Self.read(many) == parts.flatMap { $0 } + parts.flatMap { $0 })
  }

  @Test(
    arguments: [
      ([0], false), (Array(repeating: 0, count: 100_000), false), ([0, 0, 1], true), ([0x1f, 0x41], true),
      ([0x41], true), (Array("not gzip".utf8), true), ([0, 0x1f, 0x8b, 8], true),
    ] as [([UInt8], Bool)])
  func whatLiesBehindTheLastMember(bytes: [UInt8], isGarbage: Bool) throws {
    let text = Self.text(1000)
    let file = try open(Self.gzip(text, in: scratch) + bytes)
    #expect(try Self.read(file) == text)
    #expect(file.ending == .whole && file.hasGarbage == isGarbage)
  }

  @Test func readingOnBeginsNowhereAnew() throws {
    let text = Self.text(2_000_000)
    let packed = Self.gzip(text, in: scratch)
    scratch.write(packed, to: "packed")
    let base = Watched(try Descriptor(opening: scratch.path("packed"), flags: O_RDONLY))
    let file = try GzipFile(base, at: "packed")
    #expect(try file.bytes(at: 0, count: 1024) == Array(text.prefix(1024)))
    try Self.go(file, to: 1_000_000)
    file.keepMarker(before: 1_000_000)
    #expect(try Self.read(file, from: 1_000_000) == Array(text.dropFirst(1_000_000)))
    // What a checkpoint asks for, wherever reading is.
    #expect(try file.bytes(at: 0, count: 1024) == Array(text.prefix(1024)))
    #expect(try file.bytes(at: 999_936, count: 64) == Array(text[999_936..<1_000_000]))
    #expect(try file.bytes(at: 1_999_936, count: 64) == Array(text.suffix(64)))
    #expect(base.byteCount < packed.count + packed.count / 10)
  }

  @Test func aStepIsBounded() throws {
    // 300 MB of zeros are 300 KB; 1.2 MB of empty members are nothing.
    let path = scratch.path("bomb").string
    precondition(Scratch.run("/bin/sh", ["-c", "head -c 300M /dev/zero | gzip -1 > \(path)"]) == 0)
    let base = Watched(try Descriptor(opening: scratch.path("bomb"), flags: O_RDONLY))
    let file = try GzipFile(base, at: "packed")
    var steps = 1
    while try !file.step(toward: 200_000_000) { steps += 1 }
    #expect(steps >= 190 && steps < 250)
    #expect(try file.bytes(at: 199_999_990, count: 64) == Array(repeating: 0, count: 64))
    let empty = Self.gzip([], in: scratch)
    scratch.write((0..<60_000).flatMap { _ in empty }, to: "empty")
    let nothing = Watched(try Descriptor(opening: scratch.path("empty"), flags: O_RDONLY))
    let second = try GzipFile(nothing, at: "empty")
    var most = 0
    var isThere = false
    while !isThere {
      let before = nothing.byteCount
      isThere = try second.step(toward: 0)
      most = max(most, nothing.byteCount - before)
    }
    #expect(most < 1 << 20 && nothing.byteCount >= 1_200_000 && second.ending == .whole)
  }

  @Test func aReadThatFailsIsTriedAgain() throws {
    let text = Self.text(900_000)
    scratch.write(Self.gzip(text, in: scratch), to: "packed")
    let base = Watched(try Descriptor(opening: scratch.path("packed"), flags: O_RDONLY))
    let file = try GzipFile(base, at: "packed")
    var bytes: [UInt8] = []
    var failures = 0
    while bytes.count < text.count {
      base.failsNext = failures < 50 && !base.failsNext
      do {
        try Self.go(file, to: UInt64(bytes.count))
        bytes += try file.bytes(at: UInt64(bytes.count), count: 10_000)
      } catch let error as SystemError {
        #expect(error.code == EIO)
        failures += 1
      }
    }
    #expect(bytes == text && failures > 5)
  }

  @Test func withALimitItEndsThere() throws {
    let text = Self.text(300_000)
    let packed = Self.gzip(text, in: scratch)
    let file = try open(packed + packed, limit: UInt64(packed.count))
    #expect(try Self.read(file) == text)
    #expect(file.ending == .whole)
  }
}

/// A file that counts what is read of it, and fails when told to.
final class Watched: ReadableFile, @unchecked Sendable {
  let file: Descriptor
  /// Read so far.
  private(set) var byteCount = 0
  var failsNext = false

  init(_ file: Descriptor) { self.file = file }

  func status() throws(SystemError) -> FileStatus { try file.status() }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    if failsNext {
      failsNext = false
      throw SystemError("pread", code: EIO)
    }
    let count = try file.read(into: bytes, at: offset)
    byteCount += count
    return count
  }
}

/// The same numbers each time: splitmix64.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
