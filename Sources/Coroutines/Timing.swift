/// Takes what a timing context measured.
public protocol TimingRecorder {
  /// - Parameters:
  ///   - stage: what was measured.
  ///   - elapsed: wall time between the body's start and its end, however it ended.
  func record(_ stage: String, _ elapsed: Duration)
}

/// The timing context: measures a body, also when it throws.
///
/// ```swift
/// let timing = Timing(clock: scheduler.clock, recorder: recorder)
/// let found = timing.measure("grep") { scan(batch) }
/// ```
public struct Timing<Recorder: TimingRecorder> {
  private let clock: any TimeSource
  /// Where the figures go.
  public let recorder: Recorder

  /// Measures by `clock` and reports to `recorder`.
  public init(clock: any TimeSource, recorder: Recorder) {
    self.clock = clock
    self.recorder = recorder
  }

  /// Runs `body` and records how long it took, whether it returned or threw.
  public func measure<Value, Failure: Error>(
    _ stage: String, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let start = clock.now
    defer { recorder.record(stage, clock.now - start) }
    return try body()
  }

  /// Runs `body` and records how long it took, suspensions included, whether it returned or threw.
  public func measure<Value, Failure: Error>(
    _ stage: String, _ body: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let start = clock.now
    defer { recorder.record(stage, clock.now - start) }
    return try await body()
  }
}
