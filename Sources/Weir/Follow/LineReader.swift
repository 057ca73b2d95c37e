import Coroutines
import SystemPackage

/// Makes batches and gaps of what is read of one generation of a file, and holds back what is unfinished.
///
/// Between reads it holds the unfinished line and 64 bytes before it, no more: quiet files are cheap.
struct LineReader {
  let origin: Origin
  /// The next byte to read.
  private(set) var readOffset: UInt64
  /// The bytes before `readOffset`: up to 64 that were cut already, and behind them the rest of the last cut.
  private(set) var held: [UInt8]
  private var leadCount: Int
  private var cutter: LineCutter
  private var head: FileHead
  /// Where the line or hole begins whose first bytes were passed and whose end is sought.
  private var lineStart: (offset: UInt64, marker: Fingerprint)?

  /// - Parameters:
  ///   - offset: where reading begins.
  ///   - lead: the bytes before `offset`, 64 if there are so many.
  ///   - head: of what lies before `offset`, or of more.
  init(origin: Origin, offset: UInt64, lead: [UInt8], head: FileHead, maxLineBytes: Int) {
    self.origin = origin
    readOffset = offset
    held = lead
    leadCount = lead.count
    self.head = head
    cutter = LineCutter(maxLineBytes: maxLineBytes)
  }

  /// Enough to know the file again, here where reading is; nil for a stream.
  var place: Checkpoint? {
    guard let identity = origin.identity else { return nil }
    let marker = held.withUnsafeBytes { Fingerprint.marker(before: $0) }
    return Checkpoint(path: origin.path, identity: identity, head: seenHead, offset: readOffset, marker: marker)
  }

  /// Of the first bytes; where none was given out, as of a first line that is unfinished, of those that were read.
  private var seenHead: Fingerprint {
    guard head.fingerprint.byteCount == 0, held.count == Int(readOffset) else { return head.fingerprint }
    return held.prefix(FileHead.byteLimit).withUnsafeBytes { Fingerprint(of: $0) }
  }

  /// Where the first byte is that was not given out.
  var cutPlace: (offset: UInt64, marker: Fingerprint) {
    if let lineStart { return lineStart }
    let marker = held.prefix(leadCount).withUnsafeBytes { Fingerprint.marker(before: $0) }
    return (readOffset - UInt64(held.count - leadCount), marker)
  }

  /// Whether all that was read was given out.
  var isAtCut: Bool { cutPlace.offset == readOffset }

  /// An empty batch there: where someone starts who takes what is given out from now on.
  func start(_ clock: any TimeSource, ending: Batch.Ending? = nil) -> Batch {
    let place = cutPlace
    return .start(in: origin, at: place.offset, head: head.fingerprint, marker: place.marker, clock, ending: ending)
  }

  /// The first bytes that were given out, of a small file.
  var beginning: [UInt8]? { head.bytes }

  /// The line bound.
  var maxLineBytes: Int { cutter.maxLineBytes }

  /// Takes a block in which `held` stands first and `freshCount` bytes read at `readOffset` behind it.
  ///
  /// - Parameter size: how much there is; nil: not known.
  mutating func take(_ block: Block, freshCount: Int, read: ReadTime, of size: UInt64? = nil) -> [Reading] {
    let count = held.count + freshCount
    let buffer = UnsafeRawBufferPointer(rebasing: block.bytes[..<count])
    let content = UnsafeRawBufferPointer(rebasing: buffer[leadCount...])
    let base = readOffset - UInt64(held.count - leadCount)
    let (pieces, rest) = cutter.cut(content, at: base)
    var readings = pieces.flatMap { make($0, of: block, content, at: base, read) }
    if let size, readOffset + UInt64(freshCount) < size {
      for place in readings.indices { readings[place].noteMore() }
    }
    noteLineStart(content, at: base)
    head.extend(with: UnsafeRawBufferPointer(rebasing: content[..<rest]), at: base)
    let restStart = leadCount + rest
    leadCount = min(restStart, Fingerprint.markerByteLimit)
    held = Array(buffer[(restStart - leadCount)...])
    readOffset += UInt64(freshCount)
    if readOffset > UInt64(2 * FileHead.byteLimit) { head.forgetBytes() }
    return readings
  }

  /// Gives out what was held back: the generation is over.
  mutating func finish(read: ReadTime) -> [Reading] {
    let block = Block(copying: held)
    let content = UnsafeRawBufferPointer(rebasing: block.bytes[leadCount..<held.count])
    let base = readOffset - UInt64(content.count)
    defer { lineStart = nil }
    guard let piece = cutter.finish(content, at: base) else { return [] }
    let readings = make(piece, of: block, content, at: base, read)
    leadCount = min(held.count, Fingerprint.markerByteLimit)
    held = held.suffix(leadCount)
    return readings
  }

  /// Takes down where what the cutter has begun and not ended begins.
  private mutating func noteLineStart(_ content: UnsafeRawBufferPointer, at base: UInt64) {
    guard let offset = cutter.unfinishedStart else { return lineStart = nil }
    guard lineStart?.offset != offset, offset >= base else { return }
    let bytes = UnsafeRawBufferPointer(
      start: content.baseAddress! - leadCount, count: leadCount + Int(offset - base))
    lineStart = (offset, .marker(before: bytes))
  }

  private mutating func make(
    _ piece: LineCutter.Piece, of block: Block, _ content: UnsafeRawBufferPointer, at base: UInt64, _ read: ReadTime
  ) -> [Reading] {
    switch piece {
    case .hole(let range):
      return [.gap(Gap(origin: origin, first: range.lowerBound, last: range.upperBound - 1, reason: .hole))]
    case .lines(let range):
      let marker = mark(content, to: range.upperBound, at: base)
      let batch = Batch(
        origin: origin, start: base + UInt64(range.lowerBound), end: base + UInt64(range.upperBound), block: block,
        range: range.lowerBound + leadCount..<range.upperBound + leadCount, head: head.fingerprint, marker: marker,
        readAtMilliseconds: read.atMilliseconds, readDuration: read.duration)
      return [.batch(batch)]
    case .longLine(let line):
      let marker = mark(content, to: Int(line.end - base), at: base)
      let batch = Batch(
        origin: origin, start: line.start, end: line.end, block: Block(copying: line.kept), range: 0..<line.kept.count,
        isTruncated: true, head: head.fingerprint, marker: marker, readAtMilliseconds: read.atMilliseconds,
        readDuration: read.duration)
      let firstCut = line.start + UInt64(line.kept.count)
      // First the gap: a checkpoint behind the batch would be the end of it, after a kill between the two.
      return [.gap(Gap(origin: origin, first: firstCut, last: line.contentEnd - 1, reason: .tooLong)), .batch(batch)]
    }
  }

  /// Takes the content up to `end` into the head.
  ///
  /// - Returns: the marker of that place.
  private mutating func mark(_ content: UnsafeRawBufferPointer, to end: Int, at base: UInt64) -> Fingerprint {
    head.extend(with: UnsafeRawBufferPointer(rebasing: content[..<end]), at: base)
    return .marker(before: UnsafeRawBufferPointer(start: content.baseAddress! - leadCount, count: leadCount + end))
  }
}

/// When something was read, and how long that took.
struct ReadTime: Sendable {
  /// Since 1970, UTC.
  var atMilliseconds: Int64
  var duration: Duration = .zero
}

/// What following a file gives.
enum Reading: Sendable {
  /// Lines.
  case batch(Batch)
  /// Bytes that are not delivered, and why.
  case gap(Gap)
  /// Who reads from here on.
  case change(ReaderChange)

  fileprivate mutating func noteMore() {
    guard case .batch(var batch) = self else { return }
    batch.hasMore = true
    self = .batch(batch)
  }
}
