import Coroutines
import Synchronization

/// Committing what is held.
extension Committer {
  /// Whether lines of quiet files come while others are busy, whichever sink of the store has which: then little is
  /// committed at once.
  var isEager: Bool { store.haste.isOn(at: scheduler.clock.now) }

  /// Lines of quiet files wait for what others commit.
  func noteHaste() { store.haste.note(at: scheduler.clock.now) }

  /// Commits all that is held or pending, after what is being committed.
  ///
  /// - Parameter isAwaited: whether lines of a file that is read to its end are among it, to be seen at once.
  func commitAll(isAwaited: Bool = false) async throws {
    try await waitForWriter()
    let isShort = held.isShort && pending.count <= Promptness.rows
    let hasLines = !held.isEmpty
    guard let commit = takeHeld() else { return }
    if isShort, await isDone(atOnce: commit) { return }
    if isShort, hasLines, isAwaited { noteHaste() }
    startWriter(commit)
    try await waitForWriter()
  }

  /// Commits without a writer where the store can do that at once. What fails is for the writer, who says so and tries
  /// again: the store knows what it has done already.
  func isDone(atOnce commit: Commit) async -> Bool {
    do {
      guard let outcome = try store.doAtOnce({ try commit.run(in: $0) }) else { return false }
      if let outcome { await receiver?.note(outcome) }
      return true
    } catch {
      return false
    }
  }

  /// An older checkpoint must not be written after a newer one.
  ///
  /// - Throws: how it failed; `CancellationError`.
  func waitForWriter() async throws {
    while let writer {
      if writer.result == nil {
        let bell = Bell(on: scheduler)
        writer.routine.whenDone { _ in bell.ring() }
        while writer.result == nil { try await bell.wait() }
      }
      try writer.result?.get()
      if self.writer?.routine === writer.routine { self.writer = nil }
    }
  }

  /// All that is held or pending; nil if nothing is, or nobody takes deliveries.
  func takeHeld() -> Commit? {
    if receiver == nil || held.isEmpty && pending.isEmpty { return nil }
    defer { pending = [:] }
    for (place, moved) in pending { committed[place] = moved.checkpoint }
    return Commit(content: held.isEmpty ? nil : held.take(), moved: pending, sink: sink, isEager: isEager)
  }

  /// Begins to commit; nobody else does. A body that does not wait for it is told when it fails.
  func startWriter(_ commit: Commit) {
    guard let receiver else { return }
    precondition(writer == nil, "two commit at a time")
    let routine = scheduler.spawn(name: "\(sink) commits") { [store, retry] in
      try await retry.run {
        if let outcome = try await commit.run(in: store) { await receiver.note(outcome) }
      }
      if commit.isEager { try await store.finishMoving() }
    }
    routine.whenDone { result in
      if case .failure(let error) = result { receiver.inbox.interrupt(with: error) }
    }
    writer = Writer(routine: routine, moved: commit.moved)
  }

  /// Forgets what the store has deleted, of files that are gone for good. Nobody else takes deliveries meanwhile.
  func forgetExpired() async {
    let count = store.expiries.load(ordering: .relaxed)
    if count == expiries { return }
    expiries = count
    let settled = committed.keys.filter { pending[$0] == nil && writer?.moved[$0] == nil }
    let places = settled.map { StoreMemory.Place(sink: sink, pipeline: $0.pipeline, identity: $0.identity) }
    for gone in await store.missing(places) {
      committed[Place(pipeline: gone.pipeline, identity: gone.identity)] = nil
    }
  }

  func startFlusher() {
    if let flusher, flusher.result == nil { return }
    if held.isEmpty, pending.isEmpty { return }
    flusher = scheduler.spawn(name: "\(sink) checkpoints", after: CommitPace.longestHold) { [scheduler] in
      while try await self.flush() { try await scheduler.sleep(for: CommitPace.longestHold) }
    }
  }

  /// - Returns: whether something came while the store had the last.
  private func flush() async throws -> Bool {
    try await commitAll()
    if !held.isEmpty || !pending.isEmpty { return true }
    flusher = nil
    return false
  }
}
