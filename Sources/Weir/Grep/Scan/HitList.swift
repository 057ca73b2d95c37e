import Glibc

/// What one scan found: which pattern may match in which line, each pair once.
///
/// Pointers alone and memory of its own: Vectorscan calls `add` for each hit, millions a second, and nothing there
/// may count references or check exclusivity. Its owner frees it.
struct HitList {
  /// A pattern may match in a line.
  struct Hit {
    /// The pattern's place in the scanner's table.
    let pattern: Int32
    /// The line's first byte.
    let start: Int32
    /// The line's LF, or the end of the bytes.
    let newline: Int32
  }

  private(set) var hits: UnsafeMutablePointer<Hit>
  private(set) var count = 0
  private var capacity = 256
  private var bounds: LineBounds?
  private var start = 0
  private var newline = -1
  /// For each pattern, the last line that it hit.
  private let lastStart: UnsafeMutablePointer<Int32>
  private let patternCount: Int
  private var isOrdered = true

  init(patternCount: Int) {
    self.patternCount = patternCount
    hits = .allocate(capacity: capacity)
    lastStart = .allocate(capacity: max(1, patternCount))
  }

  /// Gives the memory back.
  func free() {
    hits.deallocate()
    lastStart.deallocate()
  }

  /// Forgets what it holds and takes hits in other bytes.
  mutating func begin(in bounds: LineBounds) {
    self.bounds = bounds
    count = 0
    start = 0
    newline = -1
    isOrdered = true
    lastStart.update(repeating: -1, count: patternCount)
  }

  /// Takes a hit whose last byte is just before `end`.
  @inline(__always)
  mutating func add(pattern: Int, end: Int) {
    let place = max(0, end - 1)
    if place < start || place > newline { cutLine(around: place) }
    guard lastStart[pattern] != Int32(truncatingIfNeeded: start) else { return }
    lastStart[pattern] = Int32(truncatingIfNeeded: start)
    if count == capacity { grow() }
    hits[count] = Hit(
      pattern: Int32(truncatingIfNeeded: pattern), start: Int32(truncatingIfNeeded: start),
      newline: Int32(truncatingIfNeeded: newline))
    count += 1
  }

  private mutating func cutLine(around place: Int) {
    guard let bounds else { return }
    // Vectorscan does not promise that hits of different patterns come in order.
    if place < start { isOrdered = false }
    start = bounds.start(around: place)
    newline = bounds.newline(from: place)
  }

  private mutating func grow() {
    let grown = UnsafeMutablePointer<Hit>.allocate(capacity: 2 * capacity)
    grown.moveInitialize(from: hits, count: count)
    hits.deallocate()
    hits = grown
    capacity *= 2
  }

  /// Puts the hits in the order of the file.
  mutating func order() {
    guard !isOrdered else { return }
    var all = UnsafeMutableBufferPointer(start: hits, count: count)
    all.sort {
      ($0.start, $0.pattern) < ($1.start, $1.pattern)
    }
    isOrdered = true
  }
}

extension HitList {
  /// What it holds from a place on, line by line. Lines are given serial numbers behind `serial`.
  func lines(in bounds: LineBounds, after serial: UInt64, from place: Int = 0) -> HitLines {
    HitLines(hits: UnsafeBufferPointer(start: hits, count: count), bounds: bounds, serial: serial, place: place)
  }
}
