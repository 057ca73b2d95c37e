import Coroutines

/// How a sink that keeps its checkpoints in a store takes deliveries: all of it, exactly once.
///
/// A delivery with lines is committed together with the checkpoint that covers it before the next is asked for, and
/// those that wait at the same time, of other pipelines or files, with it. One without lines only moves a checkpoint:
/// that waits for the next rows, for a second without rows, or for the end.
/// What the store cannot take now is tried again until it can; nothing else overtakes it.
actor Committer {
  /// Commits the lines and the checkpoints of deliveries, and the checkpoints given, in one transaction.
  typealias Commit = @Sendable (_ deliveries: [Delivery], _ kept: [KeptCheckpoint]) async throws -> Void

  /// So many deliveries share a transaction at most, and once they have so many lines, or bytes in their batches, no
  /// more join them: a transaction is in the `-wal` as a whole.
  static let sharedDeliveries = 1000
  static let sharedLines = 50_000
  static let sharedBytes = 16 << 20

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
  private var pipelineCount = 0

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
    pipelineCount = pipelines.count
    do {
      try await retry.run {
        try await store.tryOpen()
        try await store.register(pipelines)
      }
    } catch let error as StoreError {
      throw error.failure
    }
  }

  /// Settles what pipelines go on with.
  func settle(_ claims: [PipelineClaim]) async throws { try await retry.run { try await store.settle(claims) } }

  /// How far the sink has taken the files of these pipelines.
  func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]] {
    let names = pipelines.map(\.name)
    let found = try await retry.run { try await store.checkpoints(sink: sink, pipelines: names) }
    let asked = Set(names)
    committed = committed.filter { !asked.contains($0.key.pipeline) }
    for (name, found) in zip(names, found) {
      for checkpoint in found { committed[Place(pipeline: name, identity: checkpoint.identity)] = checkpoint }
    }
    return found
  }

  /// Where the sink was in former contents of those files.
  func formerCheckpoints(of pipelines: [PipelineLabel]) async throws -> [[FormerCheckpoint]] {
    let names = pipelines.map(\.name)
    return try await retry.run { try await store.formerCheckpoints(sink: sink, pipelines: names) }
  }

  /// Takes deliveries until the inbox ends, then commits what waits.
  ///
  /// - Throws: what the store can never take; `CancellationError`.
  func receive(_ inbox: Inbox<Delivery>, commit: Commit) async throws {
    defer { flusher?.cancel() }
    for try await delivery in inbox {
      if pipelineCount > 1 { await Task.yield() }  // the others' deliveries of this batch are about to come
      try await take([delivery] + inbox.takeWaiting(atMost: Self.sharedDeliveries - 1), commit: commit)
    }
    if case .failure(let error)? = flusher?.result { throw error }
    try await flush()
  }

  private func take(_ deliveries: [Delivery], commit: Commit) async throws {
    if case .failure(let error)? = flusher?.result { throw error }
    var shared = Shared()
    var need = Need.nothing
    for delivery in deliveries {
      let place = delivery.batch.checkpoint.map { Place(pipeline: delivery.pipeline.name, identity: $0.identity) }
      // Another file may have the inode of one that is still read: what is of one place is written in order.
      if let place, shared.places.contains(place) { try await write(shared.take(), commit: commit) }
      if delivery.selection.lines.isEmpty {
        need = max(need, await note(emptyDelivery: delivery))
      } else {
        shared.append(delivery, of: place)
        if shared.isFull { try await write(shared.take(), commit: commit) }
      }
    }
    if !shared.deliveries.isEmpty {
      try await write(shared.take(), commit: commit)
    } else if need > .nothing {
      try await flush()
    }
    if need == .sync { try await retry.run { try await store.sync() } }
  }

  /// Deliveries with lines for one transaction.
  private struct Shared {
    private(set) var deliveries: [Delivery] = []
    private(set) var places: Set<Place> = []
    private var lineCount = 0
    private var byteCount = 0

    var isFull: Bool { lineCount >= Committer.sharedLines || byteCount >= Committer.sharedBytes }

    mutating func append(_ delivery: Delivery, of place: Place?) {
      deliveries.append(delivery)
      if let place { places.insert(place) }
      lineCount += delivery.selection.lines.count
      byteCount += delivery.batch.byteCount
    }

    mutating func take() -> [Delivery] {
      defer { self = Shared() }
      return deliveries
    }
  }

  /// What has to be done before a delivery without lines is taken.
  private enum Need: Comparable { case nothing, commit, sync }

  private func note(emptyDelivery delivery: Delivery) async -> Need {
    let (batch, pipeline) = (delivery.batch, delivery.pipeline.name)
    var need = Need.nothing
    for checkpoint in batch.kept(after: { last(Place(pipeline: pipeline, identity: $0)) }) {
      let place = Place(pipeline: pipeline, identity: checkpoint.identity)
      need = max(need, await note(checkpoint, at: place, isStart: batch.start == batch.end))
    }
    return need
  }

  /// What the store has of a file, or is about to.
  private func last(_ place: Place) -> Checkpoint? { pending[place] ?? committed[place] }

  private func note(_ checkpoint: Checkpoint, at place: Place, isStart: Bool) async -> Need {
    if last(place) == checkpoint {
      guard isStart else { return .nothing }
      let kept = KeptCheckpoint(sink: sink, pipeline: place.pipeline, checkpoint: checkpoint)
      await store.note(followed: kept)
      return .nothing
    }
    pending[place] = checkpoint
    // The place where reading a file begins has to outlive a crash: from there nothing may be missed.
    guard isStart || committed[place] == nil else {
      startFlusher()
      return .nothing
    }
    let isPassedOver = committed[place].map { $0.offset < checkpoint.offset } == true
    // Of several databases one may keep more through a power cut: a sink that lost this alone would be taken for a
    // new one, and begin where others are. And that a file is a copy cannot always be told again.
    return stores.paths.count > 1 || isPassedOver ? .sync : .commit
  }

  private func write(_ deliveries: [Delivery], commit: Commit) async throws {
    try await waitForFlush()
    isWriting = true
    defer { isWriting = false }
    for delivery in deliveries {
      guard let checkpoint = delivery.batch.checkpoint else { continue }
      let place = Place(pipeline: delivery.pipeline.name, identity: checkpoint.identity)
      pending[place] = nil
      committed[place] = checkpoint
    }
    let taken = takePending()
    let kept = kept(taken)
    try await retry.run { try await commit(deliveries, kept) }
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
