/// The lines that one read of one file gave: bytes shared by every stage, never copied per line.
///
/// Whole lines with their terminators. Only the last may lack one: a file's unfinished last line, given out at the
/// end of its life. A line that was cut at `max_line` is a batch of its own (`isTruncated`); its `end` lies
/// behind all of the line, which was passed over.
public struct Batch: Sendable {
  /// Which file, which generation.
  public let origin: Origin
  /// The file's offset of the first byte.
  public let start: UInt64
  /// The file's offset just behind the batch: where a checkpoint stands that covers it.
  public let end: UInt64
  /// Whether this is one line, cut at `max_line`.
  public let isTruncated: Bool
  /// Fingerprint of the file's first bytes as known at this read.
  public let head: Fingerprint
  /// Fingerprint of the bytes just before `end`, 64 at most.
  public let marker: Fingerprint
  /// When weir read it: milliseconds since 1970, UTC.
  public let readAtMilliseconds: Int64
  /// Why nothing more is expected of the file behind this batch; nil: it is read on.
  public let ending: Ending?
  /// How long the read took.
  public let readDuration: Duration
  /// Whether more of the file was there behind it when it was read: then a sink for which nothing is in it is told of
  /// it with what comes next.
  public var hasMore = false

  /// Nothing, where this one ends.
  var place: Batch {
    Batch(
      origin: origin, start: end, end: end, block: .empty, range: 0..<0, head: head, marker: marker,
      readAtMilliseconds: readAtMilliseconds)
  }
  private let block: Block
  private let range: Range<Int>

  /// Why nothing more is expected of a file.
  public enum Ending: Equatable, Sendable {
    /// It was rotated away, and all of it was given out. It may be added to for all that.
    case read
    /// It is found nowhere. An empty batch says so to a sink that was told of the file, at the place where it is.
    case lost
    /// It is gone, and all of it was given out of a copy, which is another file. An empty batch says so to a sink that
    /// was at one of these places of it.
    case copied([Checkpoint])
  }

  /// A batch over a part of `block`, which is not written to any more.
  public init(
    origin: Origin, start: UInt64, end: UInt64, block: Block, range: Range<Int>, isTruncated: Bool = false,
    head: Fingerprint, marker: Fingerprint, readAtMilliseconds: Int64, readDuration: Duration = .zero,
    ending: Ending? = nil
  ) {
    self.ending = ending
    self.origin = origin
    self.start = start
    self.end = end
    self.block = block
    self.range = range
    self.isTruncated = isTruncated
    self.head = head
    self.marker = marker
    self.readAtMilliseconds = readAtMilliseconds
    self.readDuration = readDuration
  }

  /// Whether both have their bytes in the same memory.
  func shares(with other: Batch) -> Bool { block === other.block }

  /// How much memory it keeps, in bytes.
  var blockByteCount: Int { block.bytes.count }

  /// How many bytes `withBytes` gives.
  public var byteCount: Int { range.count }

  /// The bytes, valid within `body` alone.
  public func withBytes<Value, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    defer { withExtendedLifetime(block) {} }
    return try body(UnsafeRawBufferPointer(rebasing: block.bytes[range]))
  }

  /// How far a sink that has taken this batch has taken the file; nil for a stream.
  public var checkpoint: Checkpoint? {
    guard let identity = origin.identity else { return nil }
    var checkpoint = Checkpoint(
      path: origin.path, identity: identity, head: head, offset: end, marker: marker, isDone: ending != nil)
    checkpoint.readAtMilliseconds = readAtMilliseconds
    return checkpoint
  }
}
