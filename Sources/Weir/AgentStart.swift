import Coroutines
import Logging

/// From a plan to pipelines at work.
extension Agent {
  /// Opens the database and begins to follow, and starts the plan's pipelines.
  func start(on occasion: Occasion = .read) async throws {
    generation += 1
    let store = try await openStore()
    let follower = Follower(
      isOnce: settings.isOnce, scheduler: scheduler, pool: BlockPool(haste: stores.haste), log: log,
      own: OwnFiles(databases: { [stores] in stores.paths }, files: machine.files), fileSystem: machine.files)
    try await follower.start()
    let begun = run(follower, store)
    running = begun
    try await apply(plan, to: begun, on: occasion)
  }

  private func run(_ follower: Follower, _ store: Store?) -> RunningPipelines {
    let book = CheckpointBook(store: store, scheduler: scheduler, log: log)
    let pipelines = Pipelines(
      follower: follower, ledger: Ledger(store: store, scheduler: scheduler, log: log), book: book,
      scheduler: scheduler, log: log,
      onFault: { [events] sink, error in events.continuation.yield(.fault(sink: sink, error)) },
      onFiles: { [events] in events.continuation.yield(.filesChanged) })
    let routine = scheduler.spawn(name: "pipelines") { try await pipelines.run() }
    routine.whenDone { [events, generation] result in
      let error: (any Error)? = if case .failure(let error) = result { error } else { nil }
      events.continuation.yield(.ended(generation: generation, error))
    }
    return RunningPipelines(
      pipelines: pipelines, follower: follower, book: book, store: store, log: log, routine: routine)
  }

  /// Opens the agent's database; one whose folder is missing is waited for, but not in a run that ends by itself.
  private func openStore() async throws -> Store? {
    guard let path = plan.database else { return nil }
    let store = stores.store(at: path)
    try await Retry(of: "the database", on: scheduler, log: log).run { try await store.tryOpen() }
    return store
  }
}
