import Coroutines

/// How a sink that keeps its checkpoints in a store takes deliveries: all of it, exactly once.
///
/// A delivery with lines is committed together with the checkpoint that covers it before the next is asked for. One
/// without lines only moves a checkpoint: that waits for the next rows, for a second without rows, or for the end.
/// What the store cannot take now is tried again until it can; nothing else overtakes it.
actor Committer {
  /// Commits a delivery's lines, its checkpoint, and the checkpoints given, in one transaction.
  typealias Commit = @Sendable (_ delivery: Delivery, _ kept: [KeptCheckpoint]) async throws -> Void

  /// How long a checkpoint without rows waits for rows.
  static let quietPause = Duration.seconds(1)

  private struct Place: Hashable {
    let pipeline: String
    let identity: FileIdentity
  }

  let store: Store
  private let sink: String
  private let scheduler: Scheduler
  private let retry: Retry
  private let stores: StoreShelf
  /// What the store has, committed or about to be.
  private var committed: [Place: Checkpoint] = [:]
  /// Moved since, and not committed.
  private var pending: [Place: Checkpoint] = [:]
  /// Waits for the quiet, then commits `pending`.
  private var flusher: Routine<Void>?
  /// Whether the flusher is at the store; who writes then waits for it.
  private var isFlushing = false
  private var isWriting = false

  init(_ surroundings: SinkSurroundings, store: Store) {
    self.store = store
    sink = surroundings.name
    scheduler = surroundings.scheduler
    stores = surroundings.stores
    retry = Retry(of: surroundings.name, on: surroundings.scheduler, log: surroundings.log)
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  /// Opens the store, waiting for a missing folder or a lock, and registers the pipelines there.
  func open(for pipelines: [PipelineLabel]) async throws {
    do {
      try await retry.run {
        try await store.tryOpen()
        try await store.register(pipelines)
      }
    } catch let error as StoreError {
      throw error.failure
    }
  }

  /// Settles what a pipeline goes on with.
  func settle(_ claim: PipelineClaim) async throws { try await retry.run { try await store.settle(claim) } }

  /// How far the sink has taken the files of a pipeline.
  func checkpoints(of pipeline: PipelineLabel) async throws -> [Checkpoint] {
    let found = try await retry.run { try await store.checkpoints(sink: sink, pipeline: pipeline.name) }
    committed = committed.filter { $0.key.pipeline != pipeline.name }
    for checkpoint in found { committed[Place(pipeline: pipeline.name, identity: checkpoint.identity)] = checkpoint }
    return found
  }

  /// Where the sink was in former contents of those files.
  func formerCheckpoints(of pipeline: PipelineLabel) async throws -> [FormerCheckpoint] {
    try await retry.run { try await store.formerCheckpoints(sink: sink, pipeline: pipeline.name) }
  }

  /// Takes deliveries until the inbox ends, then commits what waits.
  ///
  /// - Throws: what the store can never take; `CancellationError`.
  func receive(_ inbox: Inbox<Delivery>, commit: Commit) async throws {
    defer { flusher?.cancel() }
    for try await delivery in inbox { try await take(delivery, commit: commit) }
    if case .failure(let error)? = flusher?.result { throw error }
    try await flush()
  }

  private func take(_ delivery: Delivery, commit: Commit) async throws {
    if case .failure(let error)? = flusher?.result { throw error }
    if delivery.selection.lines.isEmpty {
      guard let checkpoint = delivery.batch.checkpoint else { return }
      let place = Place(pipeline: delivery.pipeline.name, identity: checkpoint.identity)
      switch delivery.batch.ending {
      case .lost: if !checkpoint.ends(pending[place] ?? committed[place]) { return }
      case .copied(let former): if !former.contains(where: { $0 == pending[place] ?? committed[place] }) { return }
      case .read, nil: break
      }
      if (pending[place] ?? committed[place]) == checkpoint {
        guard delivery.batch.start == delivery.batch.end else { return }
        let kept = KeptCheckpoint(sink: sink, pipeline: place.pipeline, checkpoint: checkpoint)
        return await store.note(followed: kept)
      }
      pending[place] = checkpoint
      // The place where reading a file begins has to outlive a crash: from there nothing may be missed.
      let isStart = committed[place] == nil || delivery.batch.start == delivery.batch.end
      guard isStart else { return startFlusher() }
      let isPassedOver = committed[place].map { $0.offset < checkpoint.offset } == true
      try await flush()
      // Of several databases one may keep more through a power cut: a sink that lost this alone would be taken for a
      // new one, and begin where others are. And that a file is a copy cannot always be told again.
      if stores.paths.count > 1 || isPassedOver { try await retry.run { try await store.sync() } }
    } else {
      try await write(delivery, commit: commit)
    }
  }

  private func write(_ delivery: Delivery, commit: Commit) async throws {
    try await waitForFlush()
    isWriting = true
    defer { isWriting = false }
    if let checkpoint = delivery.batch.checkpoint {
      let place = Place(pipeline: delivery.pipeline.name, identity: checkpoint.identity)
      pending[place] = nil
      committed[place] = checkpoint
    }
    let taken = takePending()
    let kept = kept(taken)
    try await retry.run { try await commit(delivery, kept) }
  }

  private func flush() async throws {
    try await waitForFlush()
    if pending.isEmpty { return }
    isWriting = true
    defer { isWriting = false }
    let kept = kept(takePending())
    try await retry.run { try await store.keep(kept, withLinesOf: sink) }
  }

  private func startFlusher() {
    if let flusher, flusher.result == nil { return }
    flusher = scheduler.spawn(name: "\(sink) checkpoints") { try await self.flushWhenQuiet() }
  }

  private func flushWhenQuiet() async throws {
    repeat {
      repeat { try await scheduler.sleep(for: Self.quietPause) } while isWriting && !pending.isEmpty
      if pending.isEmpty { return }
      isFlushing = true
      defer { isFlushing = false }
      let kept = kept(takePending())
      try await retry.run { try await store.keep(kept, withLinesOf: sink) }
    } while !pending.isEmpty  // what came while the store had the last
  }

  /// Nobody overtakes the flusher: an older checkpoint must not be written after a newer one.
  private func waitForFlush() async throws {
    guard isFlushing, let flusher else { return }
    try await withTaskCancellationHandler {
      try await flusher.value
    } onCancel: {
      flusher.cancel()
    }
  }

  private func takePending() -> [Place: Checkpoint] {
    defer { pending.removeAll(keepingCapacity: true) }
    committed.merge(pending) { $1 }
    return pending
  }

  private func kept(_ places: [Place: Checkpoint]) -> [KeptCheckpoint] {
    places.map { KeptCheckpoint(sink: sink, pipeline: $0.pipeline, checkpoint: $1) }
  }
}
