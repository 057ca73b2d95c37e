import Coroutines

/// The content of a gzip file by offset: reads it in order, and keeps at hand what is asked for again.
///
/// At hand are the first KiB, the last bytes that were read, and the markers that were kept. Only its ``GzipFile`` has
/// it, behind a lock: that makes it `Sendable`, which the compiler cannot see.
struct GzipContent: @unchecked Sendable {
  /// How much is kept of what was read last.
  private static let recentBytes = 8 << 10
  /// How much is read to see whether there is more.
  private static let glanceBytes = 4 << 10
  /// How much is read at a time on the way to somewhere else.
  private static let pieceBytes = 128 << 10

  let reader: GzipReader
  /// How much of the content is known to be there, be it that reading has begun again since.
  private(set) var knownSize: UInt64 = 0
  private var head: [UInt8] = []
  /// The bytes before the reader's position.
  private var recent: [UInt8] = []
  /// By the offset of their first byte.
  private var markers: [UInt64: [UInt8]] = [:]

  init(_ reader: GzipReader) { self.reader = reader }

  /// Goes a step towards `offset`, and when it is there, sees whether anything follows.
  ///
  /// - Returns: whether it is there, or the content ends before.
  mutating func look(beyond offset: UInt64, inputLimit: Int) throws(SystemError) -> Bool {
    if !isAtHand(from: offset - min(offset, UInt64(Fingerprint.markerByteLimit))) { rewind() }
    guard reader.position <= offset else { return true }
    let distance = min(offset - reader.position, UInt64(GzipFile.stepBytes))
    try skip(distance == 0 ? Self.glanceBytes : Int(distance), inputLimit: inputLimit)
    return reader.position > offset || reader.ending != nil
  }

  /// Reads a piece of what follows and shows it.
  ///
  /// - Returns: whether there is more.
  mutating func pass(_ see: (UnsafeRawBufferPointer) -> Void, inputLimit: Int) throws(SystemError) -> Bool {
    try skip(GzipFile.stepBytes, inputLimit: inputLimit, see)
    return reader.ending == nil
  }

  /// As ``ReadableFile/read(into:at:)``.
  ///
  /// A large read may give less where a part of the file gives next to no content, and then it gives something.
  mutating func read(into target: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    if let bytes = kept(at: offset, count: target.count) {
      target.copyBytes(from: bytes)
      return target.count
    }
    if !isAtHand(from: offset) { rewind() }
    while reader.position < offset {
      guard try skip(Int(min(offset - reader.position, 1 << 30)), inputLimit: .max) else { return 0 }
    }
    let known = recent.suffix(Int(reader.position - offset)).prefix(target.count)
    target.copyBytes(from: known)
    guard known.count < target.count else { return known.count }
    let rest = UnsafeMutableRawBufferPointer(rebasing: target[known.count...])
    let isLarge = target.count > 2 * Self.glanceBytes
    return known.count + (try pull(into: rest, inputLimit: isLarge ? 2 * target.count : .max))
  }

  /// Keeps the marker before `offset`, if it is at hand.
  mutating func keepMarker(before offset: UInt64) {
    let start = offset - min(offset, UInt64(Fingerprint.markerByteLimit))
    guard isAtHand(from: start), reader.position >= offset else { return }
    markers[start] = Array(recent.suffix(Int(reader.position - start)).prefix(Int(offset - start)))
  }

  mutating func forgetMarkers() { markers = [:] }

  /// Begins again at the first byte.
  mutating func rewind() {
    reader.rewind()
    recent = []
  }

  /// Whether reading at `offset` needs no new beginning.
  private func isAtHand(from offset: UInt64) -> Bool { offset >= reader.position - UInt64(recent.count) }

  private func kept(at offset: UInt64, count: Int) -> ArraySlice<UInt8>? {
    if offset < UInt64(head.count), count <= head.count - Int(offset) {
      return head[Int(offset)..<(Int(offset) + count)]
    }
    guard let marker = markers[offset], count <= marker.count else { return nil }
    return marker[..<count]
  }

  /// Reads on, `count` bytes at most, which are shown and not kept.
  ///
  /// - Returns: whether there were so many.
  @discardableResult
  private mutating func skip(
    _ count: Int, inputLimit: Int, _ see: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(SystemError) -> Bool {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, Self.pieceBytes), alignment: 16)
    defer { piece.deallocate() }
    var left = count
    while left > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(left, piece.count)])
      let made = try pull(into: part, inputLimit: inputLimit)
      see(UnsafeRawBufferPointer(rebasing: part[..<made]))
      guard made == part.count else { return false }
      left -= made
    }
    return true
  }

  /// Reads what follows, and takes down what is kept of it.
  private mutating func pull(into target: UnsafeMutableRawBufferPointer, inputLimit: Int) throws(SystemError) -> Int {
    let (start, generation) = (reader.position, reader.generation)
    defer {
      if reader.position < start { recent = [] }
      if reader.generation != generation {
        (head, recent, markers) = ([], [], [:])
        knownSize = 0
      }
    }
    let made = try reader.read(into: target, inputLimit: inputLimit)
    guard reader.position == start + UInt64(made) else { return made }
    let bytes = UnsafeRawBufferPointer(rebasing: target[..<made])
    if start <= UInt64(head.count), head.count < FileHead.byteLimit {
      head += bytes.dropFirst(head.count - Int(start)).prefix(FileHead.byteLimit - head.count)
    }
    recent = (recent + bytes.suffix(Self.recentBytes)).suffix(Self.recentBytes)
    knownSize = max(knownSize, reader.position)
    return made
  }
}
