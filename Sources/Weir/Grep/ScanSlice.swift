/// A stretch of a scan, after which others have their turn.
struct ScanSlice {
  /// The clock is looked at after so many bytes of lines that were tried, and after each search under a deadline.
  private static let checkedBytes = 4096
  /// What a line takes beside its bytes.
  private static let lineBytes = 64

  private let end: UInt64
  private let patience: UnsafeMutablePointer<Patience>
  private var triedBytes = 0

  init(nanoseconds: UInt64?, patience: UnsafeMutablePointer<Patience>) {
    end = nanoseconds.map { MonotonicTime.nanoseconds + $0 } ?? .max
    self.patience = patience
  }

  /// Whether the time is over, after a line was tried.
  @inline(__always)
  mutating func isOver(after line: LineAtHand) -> Bool {
    triedBytes += line.content.count + Self.lineBytes
    guard triedBytes >= Self.checkedBytes || patience.pointee.wasUsed else { return false }
    triedBytes = 0
    patience.pointee.wasUsed = false
    return MonotonicTime.nanoseconds >= end
  }
}
