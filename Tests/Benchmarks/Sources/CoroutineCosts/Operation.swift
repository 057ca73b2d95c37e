import Coroutines

/// One row of the table: an operation, and how it is measured once.
struct Operation: Sendable {
  let name: String
  /// How often it is done in a round.
  let count: Int
  /// Does it so often, and returns the nanoseconds of each.
  let measure: @Sendable (_ count: Int) throws -> Double

  init(_ name: String, count: Int = 200_000, _ measure: @escaping @Sendable (_ count: Int) throws -> Double) {
    self.name = name
    self.count = count
    self.measure = measure
  }

  /// All that are measured in this process, in the order of the table.
  static let all = coroutines + generators + queues + turns + swift + channels + timings
}

/// Measures from where it was made.
///
/// It is read where the operations run. A function that takes them as an async closure, as `ContinuousClock.measure`
/// does, may run them under another isolation, and each would be a hop.
struct Stopwatch {
  private let start = ContinuousClock().now

  /// Nanoseconds of each of `count` operations.
  func nanoseconds(per count: Int) -> Double { Double((ContinuousClock().now - start).nanoseconds) / Double(count) }
}

/// Stops where numbers from 0 to `count` did not all come through: so nothing that is measured is left out.
func check(_ sum: Int, of count: Int) {
  precondition(sum == count * (count - 1) / 2, "\(sum) is not the sum of what was sent")
}
