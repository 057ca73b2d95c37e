import Coroutines
import Logging
import Synchronization

/// The checkpoints of sinks that have no store of their own, kept in the agent's database: written a second after
/// a sink took something, at the latest, and at the end. So such a sink gets a line at least once, and exactly once
/// when the agent is stopped in order.
///
/// An actor on the scheduler. No timer runs while nothing is taken.
actor CheckpointBook {
  /// How long a checkpoint may wait to be written.
  static let writeDelay = Duration.seconds(1)

  struct Key: Hashable {
    let sink: String
    let pipeline: String
    let identity: FileIdentity
  }

  nonisolated let scheduler: Scheduler
  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  private let store: Store?
  private let log: Logger
  private let retry: Retry
  /// Numbered in the order in which they were taken. One stays until it is written, or a newer one is in its place.
  private var unwritten: [Key: (number: Int, checkpoint: Checkpoint)] = [:]
  private(set) var written: [Key: Checkpoint] = [:]
  /// Of the store, when what it deleted was forgotten here last.
  private var expiries = 0
  private var lastNumber = 0
  private var writer: Routine<Void>?
  /// Whose turn it is to write: one at a time, so that an older one never follows a newer one.
  private let turns: Channel<Void>
  private var hasTurns = false

  /// - Parameter store: nil for a run that remembers nothing.
  init(store: Store?, scheduler: Scheduler, log: Logger) {
    self.store = store
    self.scheduler = scheduler
    self.log = log
    retry = Retry(of: "the checkpoints", on: scheduler, log: log)
    turns = Channel(name: "turns to write checkpoints", on: scheduler, capacity: 1)
  }

  /// Settles what pipelines go on with.
  func settle(_ claims: [PipelineClaim]) async throws {
    guard let store else { return }
    try await retry.run { try await store.settle(claims) }
  }

  /// How far a sink has taken the files of these pipelines: what waits to be written is written first.
  func checkpoints(sink: String, pipelines: [String]) async throws -> [[Checkpoint]] {
    guard let store else { return pipelines.map { _ in [] } }
    if unwritten.keys.contains(where: { $0.sink == sink }) { try await write() }
    let found = try await retry.run { try await store.checkpoints(sink: sink, pipelines: pipelines) }
    let asked = Set(pipelines)
    written = written.filter { $0.key.sink != sink || !asked.contains($0.key.pipeline) }
    for (pipeline, found) in zip(pipelines, found) {
      for checkpoint in found {
        written[Key(sink: sink, pipeline: pipeline, identity: checkpoint.identity)] = checkpoint
      }
    }
    return found
  }

  /// Where a sink was in former contents of those files; see ``checkpoints(sink:pipelines:)``.
  func formerCheckpoints(sink: String, pipelines: [String]) async throws -> [[FormerCheckpoint]] {
    guard let store else { return pipelines.map { _ in [] } }
    return try await retry.run { try await store.formerCheckpoints(sink: sink, pipelines: pipelines) }
  }

  /// Notes that a sink has taken deliveries.
  func take(_ deliveries: [Delivery], by sink: String) { for delivery in deliveries { take(delivery, by: sink) } }

  private func take(_ delivery: Delivery, by sink: String) {
    if store == nil { return }
    func key(_ identity: FileIdentity) -> Key {
      Key(sink: sink, pipeline: delivery.pipeline.name, identity: identity)
    }
    let kept = delivery.batch.kept { unwritten[key($0)]?.checkpoint ?? written[key($0)] }
    for checkpoint in kept {
      lastNumber += 1
      unwritten[key(checkpoint.identity)] = (lastNumber, checkpoint)
    }
    if !kept.isEmpty { writeSoon() }
  }

  private func writeSoon() {
    guard writer == nil else { return }
    writer = scheduler.spawn(name: "checkpoints", after: Self.writeDelay) { [weak self] in await self?.writeLater() }
  }

  /// Writes what waits to be written, and tries again as long as that may pass.
  ///
  /// - Throws: what does not pass; `CancellationError`. What was not written is kept.
  func write() async throws {
    guard let store, !unwritten.isEmpty else { return }
    try await retry.run { try await self.tryToWrite(store) }
  }

  /// Each try writes what is unwritten by then: another may have come meanwhile, or have been written by others.
  private func tryToWrite(_ store: Store) async throws {
    if !hasTurns { turns.offer(()) }
    hasTurns = true
    guard try await turns.next() != nil else { throw CancellationError() }
    defer { turns.offer(()) }
    let kept = unwritten
    if kept.isEmpty { return }
    CrashPoint.reached("book.before_write")
    try await store.keep(
      kept.map { KeptCheckpoint(sink: $0.key.sink, pipeline: $0.key.pipeline, checkpoint: $0.value.checkpoint) })
    CrashPoint.reached("book.after_write")
    for (key, value) in kept {
      written[key] = value.checkpoint
      if unwritten[key]?.number == value.number { unwritten[key] = nil }
    }
    await forgetExpired(by: store)
  }

  /// Forgets what the store has deleted, of files that are gone for good. Nobody else writes meanwhile.
  private func forgetExpired(by store: Store) async {
    let count = store.expiries.load(ordering: .relaxed)
    if count == expiries { return }
    expiries = count
    let places = written.keys.map { StoreMemory.Place(sink: $0.sink, pipeline: $0.pipeline, identity: $0.identity) }
    for gone in await store.missing(places) {
      written[Key(sink: gone.sink, pipeline: gone.pipeline, identity: gone.identity)] = nil
    }
  }

  private func writeLater() async {
    do {
      try await write()
      writer = nil
      if !unwritten.isEmpty { writeSoon() }
    } catch {
      writer = nil
      // Still unwritten: the next delivery or the stop tries again.
      log.warning("cannot keep checkpoints: \(error)")
    }
  }
}
