/// A checkpoint and whose it is.
public struct KeptCheckpoint: Sendable, Equatable {
  /// The sink's name.
  public var sink: String
  /// The pipeline's name.
  public var pipeline: String
  /// How far the sink has taken a file of that pipeline.
  public var checkpoint: Checkpoint

  /// A checkpoint of that sink in that pipeline.
  public init(sink: String, pipeline: String, checkpoint: Checkpoint) {
    self.sink = sink
    self.pipeline = pipeline
    self.checkpoint = checkpoint
  }
}

/// A row of the view `timings`: one stage's figures of one minute.
public struct TimingRow: Sendable, Equatable {
  /// Start of the minute: milliseconds since 1970, UTC.
  public var minuteMilliseconds: Int64
  /// The pipeline's name.
  public var pipeline: String
  /// What was measured: `read`, `grep`, a sink's name, `total`.
  public var stage: String
  /// How many batches.
  public var batches: Int64
  /// Half of them took no longer.
  public var p50Microseconds: Int64
  /// 99 of 100 took no longer.
  public var p99Microseconds: Int64
  /// The longest.
  public var maxMicroseconds: Int64

  /// A row with these values.
  public init(
    minuteMilliseconds: Int64, pipeline: String, stage: String, batches: Int64, p50Microseconds: Int64,
    p99Microseconds: Int64, maxMicroseconds: Int64
  ) {
    self.minuteMilliseconds = minuteMilliseconds
    self.pipeline = pipeline
    self.stage = stage
    self.batches = batches
    self.p50Microseconds = p50Microseconds
    self.p99Microseconds = p99Microseconds
    self.maxMicroseconds = maxMicroseconds
  }
}

/// How many lines of a pipeline a counter counted in a window under some labels.
public struct CountRow: Sendable, Equatable {
  /// Stands for the window of a counter that counts without windows.
  public static let allTime: Int64 = -1

  /// The pipeline's name.
  public var pipeline: String
  /// Start of the window: milliseconds since 1970, UTC; ``allTime`` for none.
  public var windowMilliseconds: Int64
  /// A JSON object of the labels, in the order of the counter's `by`.
  public var labels: String
  /// Lines: how many more when written, how many in all when read.
  public var value: Int64

  /// A row with these values.
  public init(pipeline: String, windowMilliseconds: Int64, labels: String, value: Int64) {
    self.pipeline = pipeline
    self.windowMilliseconds = windowMilliseconds
    self.labels = labels
    self.value = value
  }
}
