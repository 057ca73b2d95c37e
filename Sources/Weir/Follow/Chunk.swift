import Coroutines
import Glibc

/// What one read of a file gave.
struct Chunk: Sendable {
  /// What the reader held stands first, what was read behind it.
  let block: Block
  let freshCount: Int
  /// Whether the file still has the bytes that were read before these; nil if that was not looked at.
  let isUnchangedBefore: Bool?
  /// Whether the file ends before these.
  var isShort = false
  let time: ReadTime

  /// No read.
  static let nothing = Chunk(
    block: .empty, freshCount: 0, isUnchangedBefore: nil, time: ReadTime(atMilliseconds: 0))

  /// Reads `byteCount` bytes on from where `reader` is, and up to 64 before: one pread(2).
  static func read(
    _ file: any ReadableFile, behind reader: LineReader, byteCount: Int, _ surroundings: FollowedFile.Surroundings
  ) throws(SystemError) -> Chunk {
    let checked = min(reader.held.count, Fingerprint.markerByteLimit)
    let block = surroundings.pool.take(byteCount: roundUp(reader.held.count + byteCount))
    block.bytes.copyBytes(from: reader.held)
    let target = UnsafeMutableRawBufferPointer(
      rebasing: block.bytes[(reader.held.count - checked)..<(reader.held.count + byteCount)])
    let start = surroundings.scheduler.clock.now
    let count = try file.read(into: target, at: reader.readOffset - UInt64(checked))
    return Chunk(
      block: block, freshCount: max(0, count - checked),
      isUnchangedBefore: count >= checked && begins(target, as: reader.held.suffix(checked)),
      isShort: count < checked,
      time: readTime(since: start, surroundings))
  }

  /// Reads what a stream has.
  ///
  /// - Returns: nil when it has nothing; a chunk without fresh bytes when it has ended.
  static func read(
    stream: Descriptor, behind reader: LineReader, byteCount: Int, _ surroundings: FollowedFile.Surroundings
  ) throws(SystemError) -> Chunk? {
    let block = surroundings.pool.take(byteCount: roundUp(reader.held.count + byteCount))
    block.bytes.copyBytes(from: reader.held)
    let start = surroundings.scheduler.clock.now
    let target = UnsafeMutableRawBufferPointer(
      rebasing: block.bytes[reader.held.count..<(reader.held.count + byteCount)])
    guard let count = try stream.read(into: target) else { return nil }
    return Chunk(
      block: block, freshCount: count, isUnchangedBefore: nil, time: readTime(since: start, surroundings))
  }

  /// By memcmp(3): it is asked for each read.
  private static func begins(_ bytes: UnsafeMutableRawBufferPointer, as other: ArraySlice<UInt8>) -> Bool {
    other.withUnsafeBytes { other in
      guard let left = bytes.baseAddress, let right = other.baseAddress else { return other.isEmpty }
      return memcmp(left, right, other.count) == 0
    }
  }

  private static func readTime(since start: Duration, _ surroundings: FollowedFile.Surroundings) -> ReadTime {
    let clock = surroundings.scheduler.clock
    return ReadTime(atMilliseconds: clock.wall.wholeMilliseconds, duration: clock.now - start)
  }

  /// Few sizes, so that the pool finds one again.
  private static func roundUp(_ byteCount: Int) -> Int {
    var size = FollowedFile.smallestChunkBytes
    while size < byteCount { size *= 2 }
    return size
  }
}

extension FollowedFile {
  /// What one read takes at most: large enough that what each batch costs does not count, and with what is held
  /// before it still a block of 1 MiB.
  static let chunkBytes = 960 << 10
  /// The same while readers and those who hold what was read use so many bytes for it: thousands of files that have
  /// much to be read, and wait for their sinks, each have a chunk in hand. None waits for another's, or it would wait
  /// for sinks that are not its own. And where there is ``Haste``: each is committed as a whole.
  static func chunkBytes(used: Int, inHaste: Bool = false) -> Int {
    switch used {
    case ..<(32 << 20): inHaste ? smallChunkBytes : chunkBytes
    case ..<(64 << 20): smallChunkBytes
    default: 12 << 10
    }
  }
  private static let smallChunkBytes = 120 << 10
  /// Blocks are of this size or twice, four times, ... of it.
  static let smallestChunkBytes = 4 << 10
}
