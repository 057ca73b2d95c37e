/// The lines of a hit list, in order, and the lines between them for those who ask.
///
/// - Precondition: the list lives and is not added to.
struct HitLines {
  private let hits: UnsafeBufferPointer<HitList.Hit>
  private let bounds: LineBounds
  /// Of the last line given.
  private(set) var serial: UInt64
  /// Of the next hit.
  private(set) var place: Int

  init(hits: UnsafeBufferPointer<HitList.Hit>, bounds: LineBounds, serial: UInt64, place: Int) {
    self.hits = hits
    self.place = place
    self.bounds = bounds
    self.serial = serial
  }

  /// Whether the next hit is in the line that begins at `start`.
  @inline(__always)
  func isNext(_ start: Int) -> Bool { place < hits.count && hits[place].start == start }

  /// The next line with a hit; nil when there is none.
  @inline(__always)
  mutating func next() -> LineAtHand? {
    guard place < hits.count else { return nil }
    return line(start: Int(hits[place].start), newline: Int(hits[place].newline))
  }

  /// The line that begins at `start`, with its hits.
  @inline(__always)
  mutating func line(start: Int, newline: Int) -> LineAtHand {
    let first = place
    while isNext(start) { place += 1 }
    serial += 1
    return LineAtHand(
      content: bounds.content(start: start, end: bounds.contentEnd(start: start, newline: newline)), start: start,
      serial: serial, hits: UnsafeBufferPointer(rebasing: hits[first..<place]))
  }
}
