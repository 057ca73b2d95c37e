import Coroutines
import Synchronization

/// What the timing context measured of one batch: read, grep, one stage a sink.
final class BatchTimes: Sendable {
  /// One stage. `pipeline` is nil where the stage worked for all pipelines that follow the file.
  struct Stage: Sendable {
    let name: String
    let pipeline: String?
    let elapsed: Duration
  }

  private let times = Mutex<[Stage]>([])

  func add(_ stage: Stage) { times.withLock { $0.append(stage) } }

  /// In the order in which they ended.
  var stages: [Stage] { times.withLock { $0 } }

  /// A recorder of what is done for one pipeline, or for all.
  func recorder(for pipeline: String?) -> Recorder { Recorder(times: self, pipeline: pipeline) }

  struct Recorder: TimingRecorder, Sendable {
    let times: BatchTimes
    let pipeline: String?

    func record(_ measurement: Measurement) { record(measurement.stage, measurement.wall) }

    func record(_ stage: String, _ elapsed: Duration) {
      times.add(Stage(name: stage, pipeline: pipeline, elapsed: elapsed))
    }
  }
}

/// The timing context's figures for each pipeline and stage: since the start, and by the minute for the `timings` view.
///
/// Owner: the actor that it is part of.
struct StageFigures {
  struct Key: Hashable {
    let pipeline: String
    let stage: String
  }

  static let minuteMilliseconds: Int64 = 60_000

  private var total: [Key: Histogram] = [:]
  private var minute: [Key: Histogram] = [:]
  private var minuteStart: Int64 = 0

  /// Adds a batch's stage.
  mutating func record(_ stage: String, _ elapsed: Duration, pipeline: String) {
    let key = Key(pipeline: pipeline, stage: stage)
    total[key, default: Histogram()].record(elapsed)
    minute[key, default: Histogram()].record(elapsed)
  }

  /// Begins the minute of `now` (milliseconds since 1970): what is recorded next belongs to it.
  ///
  /// - Returns: the rows of the last minute with batches, if that is over.
  mutating func begin(minuteOf now: Int64) -> [TimingRow] {
    let current = now - now % Self.minuteMilliseconds
    defer { minuteStart = current }
    return current == minuteStart ? [] : takeMinute()
  }

  /// Takes the rows of the present minute: at the stop.
  mutating func takeMinute() -> [TimingRow] {
    defer { minute.removeAll(keepingCapacity: true) }
    return rows(of: minute)
  }

  /// Since the start, for the log.
  var rows: [TimingRow] { rows(of: total) }

  private func rows(of histograms: [Key: Histogram]) -> [TimingRow] {
    histograms.sorted { ($0.key.pipeline, $0.key.stage) < ($1.key.pipeline, $1.key.stage) }.map { key, histogram in
      TimingRow(
        minuteMilliseconds: minuteStart, pipeline: key.pipeline, stage: key.stage, batches: Int64(histogram.count),
        p50Microseconds: histogram.microseconds(atQuantile: 0.5),
        p99Microseconds: histogram.microseconds(atQuantile: 0.99), maxMicroseconds: histogram.maxMicroseconds)
    }
  }
}
