import Coroutines

/// How a sink that keeps its checkpoints in a store takes deliveries: all of it, exactly once.
///
/// Lines are committed together with the checkpoint that covers them: before the next delivery is asked for where the
/// file is read to its end, so that a line is seen at once. While more of the file is there, what is delivered is held,
/// and committed as one when it is much, or a second old, while the next is gathered. A delivery without lines only
/// moves a checkpoint: that waits for the next rows, for a second, or for the end.
/// What the store cannot take now is tried again until it can; nothing else overtakes it.
actor Committer<Held: HeldDeliveries> {
  /// Is told what came of what was committed.
  typealias Note = @Sendable (Held.Outcome) async -> Void

  /// A body that takes deliveries.
  private struct Receiver {
    let inbox: Inbox<[Delivery]>
    let note: Note
  }

  /// What is committed as one.
  private struct Commit: Sendable {
    /// Nil: there are only checkpoints.
    let content: Held.Content?
    let kept: [KeptCheckpoint]
    let sink: String

    func run(in store: isolated Store) throws -> Held.Outcome? {
      if let content { return try Held.commit(content, with: kept, of: sink, to: store) }
      try store.keep(kept, withLinesOf: sink)
      return nil
    }
  }

  private struct Place: Hashable {
    let pipeline: String
    let identity: FileIdentity
  }

  nonisolated let store: Store
  private let sink: String
  private let scheduler: Scheduler
  private let retry: Retry
  private let stores: StoreShelf
  /// What the store has, committed or about to be.
  private var committed: [Place: Checkpoint] = [:]
  /// Moved since, and the generation of the file that it is of.
  private var pending: [Place: (checkpoint: Checkpoint, origin: Origin)] = [:]
  /// Lines that the checkpoints in `pending` cover.
  private var held: Held
  /// Commits; who commits next waits for it. It stays if it failed.
  private var writer: Routine<Void>?
  /// Commits what is held or pending when it is old enough.
  private var flusher: Routine<Void>?
  private var receiver: Receiver?

  /// - Parameter held: empty.
  init(_ surroundings: SinkSurroundings, store: Store, holding held: sending Held) {
    self.store = store
    self.held = held
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

  /// Settles what pipelines go on with.
  func settle(_ claims: [PipelineClaim]) async throws {
    try await commitAll()
    try await retry.run { try await store.settle(claims) }
  }

  /// How far the sink has taken the files of these pipelines.
  func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]] {
    try await commitAll()
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
  func receive(_ inbox: Inbox<[Delivery]>, note: @escaping Note) async throws {
    receiver = Receiver(inbox: inbox, note: note)
    defer { end() }
    for try await deliveries in inbox {
      // With those of other files that wait.
      let waiting = inbox.takeWaiting(atMost: CommitPace.takenTogether)
      try await take(waiting.isEmpty ? deliveries : deliveries + waiting.joined())
    }
    try await commitAll()
  }

  /// What was not committed is read again by the next run.
  private func end() {
    flusher?.cancel()
    writer?.cancel()
    receiver = nil
    pending = [:]
    _ = held.take()
  }

  private func take(_ deliveries: [Delivery]) async throws {
    var need = Need.nothing
    for delivery in deliveries {
      guard !delivery.selection.lines.isEmpty else {
        need = max(need, try await note(emptyDelivery: delivery))
        continue
      }
      try await hold(delivery)
      if !delivery.batch.hasMore { need = max(need, .commit) }
    }
    if need > .nothing {
      try await commitAll()
    } else if held.isFull {
      try await waitForWriter()
      takeHeld().map(startWriter)
    } else {
      startFlusher()
    }
    if need == .sync { try await retry.run { try await store.sync() } }
  }

  private func hold(_ delivery: Delivery) async throws {
    if let checkpoint = delivery.batch.checkpoint {
      let place = Place(pipeline: delivery.pipeline.name, identity: checkpoint.identity)
      try await commitOther(than: delivery.batch.origin, at: place)
      pending[place] = (checkpoint, delivery.batch.origin)
    }
    held.add(delivery)
  }

  /// What has to be done before deliveries are taken.
  private enum Need: Comparable { case nothing, commit, sync }

  private func note(emptyDelivery delivery: Delivery) async throws -> Need {
    let batch = delivery.batch
    guard let identity = batch.origin.identity else { return .nothing }
    func place(_ identity: FileIdentity) -> Place { Place(pipeline: delivery.pipeline.name, identity: identity) }
    try await commitOther(than: batch.origin, at: place(identity))
    var need = Need.nothing
    for checkpoint in batch.kept(after: { last(place($0)) }) {
      let place = place(checkpoint.identity)
      need = max(need, await note(checkpoint, of: batch.origin, at: place, isStart: batch.start == batch.end))
    }
    return need
  }

  /// Another file may have the inode of one that is still read, or a file other content: one is written of each.
  private func commitOther(than origin: Origin, at place: Place) async throws {
    if let other = pending[place]?.origin, other !== origin { try await commitAll() }
  }

  /// What the store has of a file, or is about to.
  private func last(_ place: Place) -> Checkpoint? { pending[place]?.checkpoint ?? committed[place] }

  private func note(_ checkpoint: Checkpoint, of origin: Origin, at place: Place, isStart: Bool) async -> Need {
    if last(place) == checkpoint {
      guard isStart else { return .nothing }
      let kept = KeptCheckpoint(sink: sink, pipeline: place.pipeline, checkpoint: checkpoint)
      await store.note(followed: kept)
      return .nothing
    }
    pending[place] = (checkpoint, origin)
    // The place where reading a file begins has to outlive a crash: from there nothing may be missed.
    guard isStart || committed[place] == nil else { return .nothing }
    let isPassedOver = committed[place].map { $0.offset < checkpoint.offset } == true
    // Of several databases one may keep more through a power cut: a sink that lost this alone would be taken for a
    // new one, and begin where others are. And that a file is a copy cannot always be told again.
    return stores.paths.count > 1 || isPassedOver ? .sync : .commit
  }

  // MARK: Committing

  /// Commits all that is held or pending, after what is being committed.
  private func commitAll() async throws {
    try await waitForWriter()
    let isShort = held.isShort && pending.count <= Promptness.rows
    guard let commit = takeHeld() else { return }
    if isShort, await isDone(atOnce: commit) { return }
    startWriter(commit)
    try await waitForWriter()
  }

  /// Commits without a writer where the store can do that at once. What fails is for the writer, who says so and tries
  /// again: the store knows what it has done already.
  private func isDone(atOnce commit: Commit) async -> Bool {
    do {
      guard let outcome = try store.doAtOnce({ try commit.run(in: $0) }) else { return false }
      if let outcome { await receiver?.note(outcome) }
      return true
    } catch {
      return false
    }
  }

  /// Nobody overtakes the writer: an older checkpoint must not be written after a newer one.
  ///
  /// - Throws: how it failed; `CancellationError`.
  private func waitForWriter() async throws {
    while let writer {
      if writer.result == nil {
        let bell = Bell(on: scheduler)
        writer.whenDone { _ in bell.ring() }
        while writer.result == nil { try await bell.wait() }
      }
      try writer.result?.get()
      if self.writer === writer { self.writer = nil }
    }
  }

  /// All that is held or pending; nil if nothing is, or nobody takes deliveries.
  private func takeHeld() -> Commit? {
    if receiver == nil || held.isEmpty && pending.isEmpty { return nil }
    return Commit(content: held.isEmpty ? nil : held.take(), kept: takePending(), sink: sink)
  }

  /// Begins to commit; nobody else does. A body that does not wait for it is told when it fails.
  private func startWriter(_ commit: Commit) {
    guard let receiver else { return }
    let writer = scheduler.spawn(name: "\(sink) commits") { [store, retry] in
      try await retry.run {
        if let outcome = try await commit.run(in: store) { await receiver.note(outcome) }
      }
    }
    writer.whenDone { result in
      if case .failure(let error) = result { receiver.inbox.interrupt(with: error) }
    }
    self.writer = writer
  }

  private func startFlusher() {
    if let flusher, flusher.result == nil { return }
    if held.isEmpty, pending.isEmpty { return }
    flusher = scheduler.spawn(name: "\(sink) checkpoints", after: CommitPace.longestHold) { try await self.commitAll() }
  }

  private func takePending() -> [KeptCheckpoint] {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending.map { place, moved in
      committed[place] = moved.checkpoint
      return KeptCheckpoint(sink: sink, pipeline: place.pipeline, checkpoint: moved.checkpoint)
    }
  }
}

/// How much a ``Committer`` does at once.
enum CommitPace {
  /// What is delivered is committed so long after it at the latest.
  static let longestHold = Duration.seconds(1)
  /// What so many files have to deliver is taken together at most.
  static let takenTogether = 100
}
