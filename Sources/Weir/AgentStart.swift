import Coroutines
import Logging

extension Agent {
  /// Opens the sinks, finds where each stands, and starts to follow: from a plan to pipelines at work.
  func start() async throws {
    generation += 1
    let store = try await openStore()
    let book = CheckpointBook(store: store, scheduler: scheduler, log: log)
    var sinks: [RunningSink] = []
    do {
      try await startSinks(into: &sinks)
      let follower = Follower(
        follow: plan.pipelines.map(\.follow), known: try await knownPositions(of: sinks, store, book),
        isOnce: settings.isOnce, scheduler: scheduler, pool: BlockPool(), log: log,
        own: OwnFiles(databases: stores.paths, files: machine.files), fileSystem: machine.files)
      try await follower.start()
      running = run(sinks, follower, store, book)
      stores.watch(on: scheduler)
    } catch {
      for sink in sinks.reversed() { sink.coroutine.cancel() }
      throw error
    }
  }

  private func run(
    _ sinks: [RunningSink], _ follower: Follower, _ store: Store?, _ book: CheckpointBook
  ) -> RunningPipelines {
    let pipelines = Pipelines(
      plan: plan, sinks: sinks, follower: follower, ledger: Ledger(store: store, scheduler: scheduler, log: log),
      book: book, scheduler: scheduler, log: log,
      timingOutput: TimingOutput(isShown: settings.showsTiming, slowBatch: plan.slowBatch),
      onFault: { [events, generation] sink, error in
        events.continuation.yield(.fault(generation: generation, sink: sink, error))
      })
    let routine = scheduler.spawn(name: "pipelines") { try await pipelines.run() }
    routine.whenDone { [events, generation] result in
      let error: (any Error)? = if case .failure(let error) = result { error } else { nil }
      events.continuation.yield(.ended(generation: generation, error))
    }
    return RunningPipelines(
      pipelines: pipelines, follower: follower, sinks: sinks, book: book, log: log, routine: routine)
  }

  /// Opens the agent's database; one whose folder is missing is waited for.
  private func openStore() async throws -> Store? {
    guard let path = plan.database else { return nil }
    let store = stores.store(at: path)
    try await Retry(of: "the database", on: scheduler, log: log).run {
      try await store.tryOpen()
      try await store.register(plan.pipelines.map(\.label))
    }
    return store
  }

  private func startSinks(into started: inout [RunningSink]) async throws {
    for (index, sinkPlan) in plan.sinks.enumerated() {
      let labels = plan.pipelines.filter { $0.sinks.contains(index) }.map(\.label)
      let sink = try sinkPlan.recipe.make(
        in: SinkSurroundings(
          name: sinkPlan.name, scheduler: scheduler, stores: stores, log: log, database: plan.database))
      try await sink.open(for: labels)
      let keepsCheckpoints = try await keepsCheckpoints(sink, labels)
      let coroutine = Consumer<Delivery>(name: "sink \(sinkPlan.name)", on: scheduler) { try await sink.receive($0) }
      coroutine.whenDone { [events, generation] result in
        guard case .failure(let error) = result else { return }
        events.continuation.yield(.fault(generation: generation, sink: index, error))
      }
      started.append(
        RunningSink(name: sinkPlan.name, sink: sink, keepsCheckpoints: keepsCheckpoints, coroutine: coroutine))
    }
  }

  private func hasRunBefore(_ pipeline: String, in store: Store?) async throws -> Bool {
    guard let store, !settings.appliesStartToNewFiles else { return false }
    return try await Retry(of: "the database", on: scheduler, log: log).run { try await store.hasRunBefore(pipeline) }
  }

  private func keepsCheckpoints(_ sink: any Sink, _ labels: [PipelineLabel]) async throws -> Bool {
    guard let label = labels.first else { return false }
    return try await sink.checkpoints(of: label) != nil
  }

  private func knownPositions(
    of sinks: [RunningSink], _ store: Store?, _ book: CheckpointBook
  ) async throws -> [KnownPositions] {
    var known: [KnownPositions] = []
    for pipeline in plan.pipelines {
      var checkpoints: [[Checkpoint]] = []
      for sink in pipeline.sinks.map({ sinks[$0] }) {
        if let own = try await sink.sink.checkpoints(of: pipeline.label) {
          checkpoints.append(own)
        } else {
          checkpoints.append(try await book.checkpoints(sink: sink.name, pipeline: pipeline.label.name))
        }
      }
      let hasRunBefore = try await hasRunBefore(pipeline.label.name, in: store)
      known.append(KnownPositions(hasRunBefore: hasRunBefore, sinkCheckpoints: checkpoints))
    }
    return known
  }
}
