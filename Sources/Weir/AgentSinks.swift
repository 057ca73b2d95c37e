import Coroutines
import Logging

/// A sink of the present plan, open or about to be.
struct SinkSlot: Sendable {
  /// Unique in the life of the agent.
  let number: Int
  let plan: SinkPlan
  /// Those that broadcast to it.
  var labels: [PipelineLabel]
  /// Ends when the sink is open and takes deliveries.
  var opening: Routine<RunningSink>
}

/// Opening sinks and ending them.
extension Agent {
  /// How long sinks may take to open before what does not need them is started without them.
  static let openPatience = Duration.seconds(1)

  /// The plan's sinks by their places, as far as they are open: kept where they are the same, else made.
  ///
  /// - Parameter meanwhile: what is done while they open.
  /// - Throws: why one cannot be made or opened, if the plan is new; else that sink is set apart. What `meanwhile`
  ///   throws.
  func openSinks(
    of next: Plan, on occasion: Occasion, _ meanwhile: () async throws -> Void
  ) async throws -> [Int: RunningSink] {
    let former = sinks
    sinks = [:]
    for (place, sinkPlan) in next.sinks.enumerated() {
      let labels = next.pipelines.filter { $0.sinks.contains(place) }.map(\.label)
      let name = sinkPlan.name.nameKey
      sinks[name] = slot(for: sinkPlan, labels, former: former[name], occasion)
    }
    await Task.yield()  // they begin first
    try await meanwhile()
    let deadline = settings.isOnce ? nil : scheduler.clock.now + Self.openPatience
    var opened: [Int: RunningSink] = [:]
    for (place, sinkPlan) in next.sinks.enumerated() {
      guard let slot = sinks[sinkPlan.name.nameKey] else { continue }
      do { opened[place] = try await result(of: slot.opening, until: deadline) } catch {
        if occasion == .read || error is CancellationError { throw error }
        events.continuation.yield(.fault(sink: slot.number, error))
      }
    }
    return opened
  }

  private func slot(
    for sinkPlan: SinkPlan, _ labels: [PipelineLabel], former: SinkSlot?, _ occasion: Occasion
  ) -> SinkSlot {
    guard var slot = former, isKept(slot, for: sinkPlan, occasion) else { return makeSlot(for: sinkPlan, labels) }
    guard !slot.labels.elementsEqual(labels, by: PipelineLabel.isSame) else { return slot }
    slot.labels = labels
    slot.opening = scheduler.spawn(name: "open \(sinkPlan.name)") { [opening = slot.opening] in
      let running = try await opening.value
      try await running.sink.open(for: labels)
      return running
    }
    announce(slot.opening)
    return slot
  }

  private func isKept(_ slot: SinkSlot, for sinkPlan: SinkPlan, _ occasion: Occasion) -> Bool {
    switch occasion {
    case .read: slot.plan.recipe.isSame(as: sinkPlan.recipe) && !faultySinks.contains(slot.number)
    case .refusal: slot.plan.recipe.isSame(as: sinkPlan.recipe)
    case .sinkOpened: true
    }
  }

  private func makeSlot(for sinkPlan: SinkPlan, _ labels: [PipelineLabel]) -> SinkSlot {
    let number = nextNumber()
    let surroundings = SinkSurroundings(
      name: sinkPlan.name, scheduler: scheduler, stores: stores, log: log, database: plan.database)
    let opening = scheduler.spawn(name: "open \(sinkPlan.name)") {
      let sink = try sinkPlan.recipe.make(in: surroundings)
      try await sink.open(for: labels)
      return try await self.run(sink, number, sinkPlan, labels)
    }
    announce(opening)
    return SinkSlot(number: number, plan: sinkPlan, labels: labels, opening: opening)
  }

  private func run(
    _ sink: any Sink, _ number: Int, _ sinkPlan: SinkPlan, _ labels: [PipelineLabel]
  ) async throws -> RunningSink {
    let keepsCheckpoints =
      if labels.isEmpty { false } else { try await sink.checkpoints(of: Array(labels.prefix(1))) != nil }
    let name = sinkPlan.name
    let coroutine = Consumer<[Delivery]>(name: "sink \(name)", on: scheduler) { inbox in
      // What a sink of that name still has to commit comes first.
      _ = await self.retirements[name.nameKey]?.outcome
      try await sink.receive(inbox)
    }
    coroutine.whenDone { [events] result in
      guard case .failure(let error) = result else { return }
      events.continuation.yield(.fault(sink: number, error))
    }
    return RunningSink(
      number: number, name: name, recipe: sinkPlan.recipe, sink: sink, keepsCheckpoints: keepsCheckpoints,
      coroutine: coroutine)
  }

  /// Tells the agent's loop when a sink is open, or can never be.
  private func announce(_ opening: Routine<RunningSink>) {
    opening.whenDone { [events] _ in events.continuation.yield(.sinkOpened) }
  }

  /// What a routine gave; nil where it has given nothing when the deadline comes.
  private func result(of routine: Routine<RunningSink>, until deadline: Duration?) async throws -> RunningSink? {
    let bell = Bell(on: scheduler)
    routine.whenDone { _ in bell.ring() }
    while routine.result == nil {
      guard let deadline else {
        try await bell.wait()
        continue
      }
      let rest = deadline - scheduler.clock.now
      guard rest > .zero else { return nil }
      try await bell.wait(atMost: rest)
    }
    return try routine.result?.get()
  }

  // MARK: The end

  /// Ends sinks that are not needed after all: nothing was sent to them.
  func giveUp(_ slots: [String: SinkSlot]) {
    for slot in slots.values {
      slot.opening.cancel()
      if case .success(let sink) = slot.opening.result { sink.coroutine.cancel() }
    }
  }

  /// Ends sinks that no plan names and no pipeline has any more, when the last delivery has come to them.
  func retireUnused(in running: RunningPipelines) {
    let used = Set(pipelines.flatMap { $0.sinks.map(\.number) })
    let unused = leavingSinks.filter { !used.contains($0.number) }
    leavingSinks.removeAll { !used.contains($0.number) }
    for slot in unused {
      let name = slot.plan.name.nameKey
      slot.opening.cancel()
      let before = retirements[name]
      retirements[name] = scheduler.spawn(name: "end \(name)") {
        _ = await before?.outcome
        guard case .success(let sink) = await slot.opening.outcome else { return }
        try await running.pipelines.waitUntilUnused(sink.number)
        await self.close(sink)
      }
    }
  }

  /// Ends a sink: what it holds is finished.
  func close(_ sink: RunningSink) async {
    do { try await sink.coroutine.close() } catch { note(error, ofSink: sink.number, name: sink.name) }
    for sentence in await sink.sink.closingWords() { log.info("\(sentence)") }
  }

  /// Ends all sinks in reverse order of the config, when nothing is sent any more.
  func closeSinks() async {
    for routine in retirements.values { _ = await routine.outcome }
    retirements = [:]
    for slot in (leavingSinks + sinks.values).sorted(by: { $0.number > $1.number }) {
      slot.opening.cancel()
      if case .success(let sink) = await slot.opening.outcome { await close(sink) }
    }
    (sinks, leavingSinks) = ([:], [])
  }
}
