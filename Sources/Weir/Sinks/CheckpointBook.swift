import Coroutines
import Logging

/// The checkpoints of sinks that have no store of their own, kept in the agent's database: written a second after
/// a sink took something, at the latest, and at the end. So such a sink gets a line at least once, and exactly once
/// when the agent is stopped in order.
///
/// An actor on the scheduler. No timer runs while nothing is taken.
actor CheckpointBook {
  /// How long a checkpoint may wait to be written.
  static let writeDelay = Duration.seconds(1)

  private struct Key: Hashable {
    let sink: String
    let pipeline: String
    let identity: FileIdentity
  }

  nonisolated let scheduler: Scheduler
  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  private let store: Store?
  private let log: Logger
  private let retry: Retry
  /// Numbered in the order in which they were taken, so that an older one never follows a newer one.
  private var unwritten: [Key: (number: Int, checkpoint: Checkpoint)] = [:]
  private var writtenNumbers: [Key: Int] = [:]
  private var lastNumber = 0
  private var writer: Routine<Void>?

  /// - Parameter store: nil for a run that remembers nothing.
  init(store: Store?, scheduler: Scheduler, log: Logger) {
    self.store = store
    self.scheduler = scheduler
    self.log = log
    retry = Retry(of: "the checkpoints", on: scheduler, log: log)
  }

  /// Settles what a pipeline goes on with.
  func settle(_ claim: PipelineClaim) async throws {
    guard let store else { return }
    try await retry.run { try await store.settle(claim) }
  }

  /// How far a sink has taken the files of a pipeline: what waits to be written is written first.
  func checkpoints(sink: String, pipeline: String) async throws -> [Checkpoint] {
    guard let store else { return [] }
    if unwritten.keys.contains(where: { $0.sink == sink }) { try await write() }
    return try await retry.run { try await store.checkpoints(sink: sink, pipeline: pipeline) }
  }

  /// Where a sink was in former contents of those files; see ``checkpoints(sink:pipeline:)``.
  func formerCheckpoints(sink: String, pipeline: String) async throws -> [FormerCheckpoint] {
    guard let store else { return [] }
    return try await retry.run { try await store.formerCheckpoints(sink: sink, pipeline: pipeline) }
  }

  /// Notes that a sink has taken a delivery.
  func take(_ delivery: Delivery, by sink: String) {
    guard store != nil, let checkpoint = delivery.batch.checkpoint else { return }
    lastNumber += 1
    let key = Key(sink: sink, pipeline: delivery.pipeline.name, identity: checkpoint.identity)
    // Another file has the inode of one that is lost.
    if delivery.batch.ending == .lost, unwritten[key] != nil || writtenNumbers[key] != nil { return }
    unwritten[key] = (lastNumber, checkpoint)
    guard writer == nil else { return }
    writer = scheduler.spawn(name: "checkpoints", after: Self.writeDelay) { [weak self] in await self?.writeLater() }
  }

  /// Writes what waits to be written, and tries again as long as that may pass.
  ///
  /// - Throws: what does not pass; `CancellationError`. What was not written is kept.
  func write() async throws {
    guard let store, !unwritten.isEmpty else { return }
    let kept = unwritten
    unwritten.removeAll()
    CrashPoint.reached("book.before_write")
    do {
      try await retry.run {
        try await store.keep(
          kept.map { KeptCheckpoint(sink: $0.key.sink, pipeline: $0.key.pipeline, checkpoint: $0.value.checkpoint) })
      }
      CrashPoint.reached("book.after_write")
      for (key, value) in kept { writtenNumbers[key] = max(value.number, writtenNumbers[key] ?? 0) }
    } catch {
      for (key, value) in kept where value.number > writtenNumbers[key] ?? 0 && unwritten[key] == nil {
        unwritten[key] = value
      }
      throw error
    }
  }

  private func writeLater() async {
    writer = nil
    do {
      try await write()
    } catch {
      // Still unwritten: the next delivery or the stop tries again.
      log.warning("cannot keep checkpoints: \(error)")
    }
  }
}
