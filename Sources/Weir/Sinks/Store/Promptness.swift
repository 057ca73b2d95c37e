import Coroutines

/// When a store does a request on its caller's thread: to wake its own takes longer than to write a line.
///
/// Measured with a line every 5 ms on two processors, one of them busy (`Tests/Benchmarks/run workloads W4`).
enum Promptness {
  /// What takes longer was not short: the disk, or another who reads and writes it, is slow.
  static let longest = Duration.milliseconds(10)
  /// Then the store's thread does all for so long, so that others wait a thousandth of their time at most.
  static let rest = Duration.seconds(10)
  /// So many lines, checkpoints or counts are a short request.
  static let rows = 100
  /// And so many bytes of batches.
  static let bytes = 256 << 10
}

extension Store {
  /// Makes a short request at once, on the caller's thread, if the store's own has nothing to do, and nothing is to be
  /// expected for which the caller would have to wait.
  ///
  /// - Returns: what `body` returns; nil if it was not run.
  nonisolated func doAtOnce<Value: Sendable>(_ body: @Sendable (isolated Store) throws -> Value) rethrows -> Value? {
    try host?.runHereIfIdle { try assumeIsolated { try $0.perform(promptly: body) } } ?? nil
  }
}
