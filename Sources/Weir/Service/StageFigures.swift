import Coroutines
import Synchronization

/// What the timing context measured of one batch: read, grep, one stage a sink.
final class BatchTimes: Sendable {
  /// One stage, and for which pipelines it worked.
  struct Stage: Sendable {
    let name: String
    let group: StageFigures.Group
    let elapsed: Duration
  }

  private let times = Mutex<[Stage]>([])

  func add(_ stage: Stage) { times.withLock { $0.append(stage) } }

  /// In the order in which they ended.
  var stages: [Stage] { times.withLock { $0 } }

  /// A recorder of what is done for these pipelines.
  func recorder(for group: StageFigures.Group) -> Recorder { Recorder(times: self, group: group) }

  struct Recorder: TimingRecorder, Sendable {
    let times: BatchTimes
    let group: StageFigures.Group

    func record(_ measurement: Measurement) { record(measurement.stage, measurement.wall) }

    func record(_ stage: String, _ elapsed: Duration) {
      times.add(Stage(name: stage, group: group, elapsed: elapsed))
    }
  }
}

/// The timing context's figures for each pipeline and stage: since the start, and by the minute for the `timings` view.
///
/// What is the same for many pipelines is counted once for all of them, as there may be a thousand.
///
/// Owner: the actor that it is part of.
struct StageFigures {
  /// Pipelines that something was done for, by its number.
  struct Group: Hashable, Sendable {
    fileprivate let number: Int
  }

  private struct Key: Hashable {
    let group: Group
    let stage: String
  }

  private struct RowKey: Hashable {
    let pipeline: String
    let stage: String
  }

  static let minuteMilliseconds: Int64 = 60_000

  /// By number. Few: one for each set of pipelines that follow the same files, and one for each pipeline.
  private var groups: [[String]] = []
  private var groupsOfNames: [[String]: Group] = [:]
  private var total: [Key: Histogram] = [:]
  private var minute: [Key: Histogram] = [:]
  private var minuteStart: Int64 = 0

  /// The group of the pipelines with these names.
  mutating func group(of names: [String]) -> Group {
    if let group = groupsOfNames[names] { return group }
    let group = Group(number: groups.count)
    groups.append(names)
    groupsOfNames[names] = group
    return group
  }

  /// The names of a group's pipelines.
  func names(of group: Group) -> [String] { groups[group.number] }

  /// Adds a batch's stage.
  mutating func record(_ stage: String, _ elapsed: Duration, of group: Group) {
    let key = Key(group: group, stage: stage)
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
    var merged: [RowKey: Histogram] = [:]
    for (key, histogram) in histograms {
      for name in names(of: key.group) {
        merged[RowKey(pipeline: name, stage: key.stage), default: Histogram()].add(histogram)
      }
    }
    return merged.sorted { ($0.key.pipeline, $0.key.stage) < ($1.key.pipeline, $1.key.stage) }.map { key, histogram in
      TimingRow(
        minuteMilliseconds: minuteStart, pipeline: key.pipeline, stage: key.stage, batches: Int64(histogram.count),
        p50Microseconds: histogram.microseconds(atQuantile: 0.5),
        p99Microseconds: histogram.microseconds(atQuantile: 0.99), maxMicroseconds: histogram.maxMicroseconds)
    }
  }
}
