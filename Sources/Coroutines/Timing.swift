/// What a timing context measured of one run of a body.
public struct Measurement: Sendable, Equatable {
  /// What was measured.
  public let stage: String
  /// The stage inside which it was; nil for an outermost one.
  public let enclosing: String?
  /// How many stages it is inside of.
  public let depth: Int
  /// From the body's start to its end, however it ended, suspensions included.
  public let wall: Duration
  /// What of it the thread spent computing; nil where it was not asked for, or the body could suspend: what the thread
  /// did meanwhile was others' work.
  public let cpu: Duration?

  @inlinable init(stage: String, enclosing: String?, depth: Int, wall: Duration, cpu: Duration?) {
    self.stage = stage
    self.enclosing = enclosing
    self.depth = depth
    self.wall = wall
    self.cpu = cpu
  }
}

/// Takes what a timing context measured: inner stages before those around them.
public protocol TimingRecorder {
  /// Called when the body has ended, where it did.
  func record(_ measurement: Measurement)
}

/// The timing context: measures a body, also when it throws.
///
/// ```swift
/// let timing = Timing(clock: scheduler.clock, recorder: recorder)
/// try await timing.measure("batch") { timing in
///   let found = timing.measure("grep") { scan(batch) }
///   try await timing.measure("store") { try await store.send(found) }
/// }
/// ```
///
/// A measurement of wall time costs two looks at the clock and what the recorder does, well below 100 ns; CPU time is a
/// system call more at either end, so it is measured only where it is asked for. The benchmark in Tests/Benchmarks
/// shows both.
public struct Timing<Recorder: TimingRecorder> {
  @usableFromInline let clock: any TimeSource
  @usableFromInline let measuresCPU: Bool
  @usableFromInline let enclosing: String?
  @usableFromInline let depth: Int
  /// Where the figures go.
  public let recorder: Recorder

  /// - Parameters:
  ///   - clock: what it measures by.
  ///   - measuresCPU: whether bodies that do not suspend have their CPU time measured too.
  ///   - recorder: where the figures go.
  @inlinable public init(clock: any TimeSource, measuresCPU: Bool = false, recorder: Recorder) {
    self.init(clock, measuresCPU, enclosing: nil, depth: 0, recorder)
  }

  @usableFromInline init(
    _ clock: any TimeSource, _ measuresCPU: Bool, enclosing: String?, depth: Int, _ recorder: Recorder
  ) {
    self.clock = clock
    self.measuresCPU = measuresCPU
    self.enclosing = enclosing
    self.depth = depth
    self.recorder = recorder
  }

  /// Runs `body` and records how long it took, whether it returned or threw.
  @inlinable public func measure<Value, Failure: Error>(
    _ stage: String, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let start = clock.now
    let cpuStart = measuresCPU ? clock.cpu : nil
    defer { record(stage, since: start, cpuStart.map { clock.cpu - $0 }) }
    return try body()
  }

  /// As the one whose body takes nothing, for a body that measures stages inside of its own.
  @inlinable public func measure<Value, Failure: Error>(
    _ stage: String, _ body: (Timing) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let start = clock.now
    let cpuStart = measuresCPU ? clock.cpu : nil
    defer { record(stage, since: start, cpuStart.map { clock.cpu - $0 }) }
    return try body(inside(stage))
  }

  /// Runs `body` and records how long it took, suspensions included, whether it returned or threw.
  @inlinable public func measure<Value, Failure: Error>(
    _ stage: String, _ body: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let start = clock.now
    defer { record(stage, since: start, nil) }
    return try await body()
  }

  /// As the one whose body takes nothing, for a body that suspends and measures stages inside of its own.
  @inlinable public func measure<Value, Failure: Error>(
    _ stage: String, _ body: (Timing) async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let start = clock.now
    defer { record(stage, since: start, nil) }
    return try await body(inside(stage))
  }

  @inlinable func inside(_ stage: String) -> Timing {
    Timing(clock, measuresCPU, enclosing: stage, depth: depth + 1, recorder)
  }

  @inlinable func record(_ stage: String, since start: Duration, _ cpu: Duration?) {
    let wall = clock.now - start
    recorder.record(Measurement(stage: stage, enclosing: enclosing, depth: depth, wall: wall, cpu: cpu))
  }
}

extension Timing: Sendable where Recorder: Sendable {}
