import Coroutines

/// How a sink that keeps its checkpoints in a store takes deliveries: all of it, exactly once.
///
/// Lines are committed together with the checkpoint that covers them: before the next delivery is asked for where the
/// file is read to its end, so that a line is seen at once. While more of the file is there, what is delivered is held,
/// and committed as one when it is much, or a second old, while the next is gathered. A delivery without lines only
/// moves a checkpoint: that waits for the next rows, for a second, or for the end. What a quiet file has goes before
/// what is held of busy ones.
/// What the store cannot take now is tried again until it can; meanwhile nobody else commits what is of the same files.
actor Committer<Held: HeldDeliveries> {
  /// Is told what came of what was committed.
  typealias Note = @Sendable (Held.Outcome) async -> Void

  /// A body that takes deliveries.
  struct Receiver {
    let inbox: Inbox<[Delivery]>
    let note: Note
  }

  /// What is committed as one.
  struct Commit: Sendable {
    /// Nil: there are only checkpoints.
    let content: Held.Content?
    let moved: [Place: Moved]
    let sink: String
    /// Whether others wait for little meanwhile.
    let isEager: Bool

    func run(in store: isolated Store) throws -> Held.Outcome? {
      try store.leavingFinishing(isEager) { try commit(to: store) }
    }

    private func commit(to store: isolated Store) throws -> Held.Outcome? {
      let kept = moved.map { KeptCheckpoint(sink: sink, pipeline: $0.key.pipeline, checkpoint: $0.value.checkpoint) }
      if let content { return try Held.commit(content, with: kept, of: sink, to: store) }
      try store.keep(kept, withLinesOf: sink)
      return nil
    }
  }

  /// Commits while more is taken.
  struct Writer {
    let routine: Routine<Void>
    /// Where files are with what it commits.
    let moved: [Place: Moved]

    /// nil while it commits, or tries again.
    var result: Result<Void, any Error>? { routine.result }
  }

  struct Place: Hashable {
    let pipeline: String
    let identity: FileIdentity
  }

  /// Where a file was moved to, of which nothing is committed yet.
  struct Moved {
    let checkpoint: Checkpoint
    /// The generation of the file.
    let origin: Origin
    /// Whether lines are held that it covers.
    let hasLines: Bool
  }

  nonisolated let store: Store
  let sink: String
  let scheduler: Scheduler
  let retry: Retry
  private let stores: StoreShelf
  /// What the store has, committed or about to be.
  var committed: [Place: Checkpoint] = [:]
  /// Of the store, when what it deleted was forgotten here last.
  var expiries = 0
  /// Moved since.
  var pending: [Place: Moved] = [:]
  /// Lines that the checkpoints in `pending` cover.
  var held: Held
  /// Who commits next waits for it. It stays if it failed.
  var writer: Writer?
  /// Commits what is held or pending when it is old enough.
  var flusher: Routine<Void>?
  var receiver: Receiver?

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

  /// Opens the store, waiting for what may pass, as a lock, and registers the pipelines there.
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
      try await take(deliveries + takeSmall())
      await forgetExpired()
    }
    try await commitAll()
  }

  /// What other files have that wait, if it is little.
  private func takeSmall() -> [Delivery] {
    guard let inbox = receiver?.inbox else { return [] }
    var rows = 0
    let waiting = inbox.takeWaiting(atMost: CommitPace.takenTogether) { deliveries in
      let lineCount = deliveries.reduce(0) { $0 + $1.selection.lines.count }
      guard rows + lineCount <= CommitPace.rowsTakenTogether else { return false }
      rows += lineCount
      return true
    }
    return Array(waiting.joined())
  }

  /// What was not committed is read again by the next run.
  private func end() {
    flusher?.cancel()
    writer?.routine.cancel()
    writer = nil
    receiver = nil
    pending = [:]
    _ = held.take()
  }

  private func take(_ deliveries: [Delivery]) async throws {
    try writer?.result?.get()  // after one that failed nothing is taken
    var need = Need.nothing
    for delivery in try await withoutOvertaking(deliveries) {
      guard !delivery.selection.lines.isEmpty else {
        need = max(need, try await note(emptyDelivery: delivery))
        continue
      }
      try await hold(delivery)
      if !delivery.batch.hasMore { need = max(need, .commit) }
    }
    if need > .nothing {
      try await commitAll(isAwaited: true)
    } else if held.isFull(isEager) {
      try await waitForWriter()
      let waiting = try await withoutOvertaking(takeSmall())
      try await waitForWriter()  // the flusher's, or of who asked for checkpoints meanwhile
      takeHeld().map(startWriter)
      if !waiting.isEmpty { try await take(waiting) }
    } else {
      startFlusher()
    }
    if need == .sync { try await retry.run { try await store.sync() } }
  }

  private func hold(_ delivery: Delivery) async throws {
    if let checkpoint = delivery.batch.checkpoint {
      let place = Place(pipeline: delivery.pipeline.name, identity: checkpoint.identity)
      try await commitOther(than: delivery.batch.origin, at: place)
      pending[place] = Moved(checkpoint: checkpoint, origin: delivery.batch.origin, hasLines: true)
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
    // The file is read to its end, and what is held of it is seen at once.
    if !batch.hasMore, pending[place(identity)]?.hasLines == true { need = max(need, .commit) }
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
    pending[place] = Moved(checkpoint: checkpoint, origin: origin, hasLines: pending[place]?.hasLines ?? false)
    // The place where reading a file begins has to outlive a crash: from there nothing may be missed.
    guard isStart || committed[place] == nil else { return .nothing }
    let isPassedOver = committed[place].map { $0.offset < checkpoint.offset } == true
    // Of several databases one may keep more through a power cut: a sink that lost this alone would be taken for a
    // new one, and begin where others are. And that a file is a copy cannot always be told again.
    return stores.paths.count > 1 || isPassedOver ? .sync : .commit
  }
}
