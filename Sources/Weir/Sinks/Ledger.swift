import Coroutines
import Logging

/// What the agent writes down itself in its database: gaps, and the timing context's figures by the minute.
///
/// A gap is held until the database takes it, and holds back its file meanwhile: nothing is lost in silence.
struct Ledger: Sendable {
  /// nil for a run that remembers nothing.
  let store: Store?
  let scheduler: Scheduler
  let log: Logger

  /// Writes that a pipeline was not given some bytes.
  func record(_ gap: Gap, pipeline: String) async throws {
    log.warning(
      "\(gap.origin.path): bytes \(gap.first) to \(gap.last) were not read (\(gap.reason.rawValue))",
      metadata: ["pipeline": "\(pipeline)"])
    guard let store else { return }
    let now = scheduler.clock.wall.wholeMilliseconds
    try await Retry(of: "the ledger of gaps", on: scheduler, log: log).run {
      try await store.record(gap, pipeline: pipeline, atMilliseconds: now)
    }
  }

  /// Writes that these pipelines have run: their files have checkpoints.
  func markStarted(_ pipelines: [String]) async throws {
    guard let store else { return }
    try await Retry(of: "the database", on: scheduler, log: log).run { try await store.markStarted(pipelines) }
  }

  /// Writes figures of a minute; a database that cannot take them costs the figures, which is said.
  func record(_ timings: [TimingRow]) async {
    guard let store, !timings.isEmpty else { return }
    do {
      try await store.record(timings: timings)
    } catch {
      log.warning("cannot keep timings: \(error)")
    }
  }
}
