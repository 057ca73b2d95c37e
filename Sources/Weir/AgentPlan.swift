import Coroutines
import Logging

/// From the plan that runs to another one, by what differs. What stays reads on meanwhile.
extension Agent {
  /// What a plan changes of what runs.
  private struct Change {
    var replaced: [(old: RunningPipeline, new: RunningPipeline)] = []
    var added: [RunningPipeline] = []
    var removed: [RunningPipeline] = []
    /// What waits for a sink, by the keys of their names.
    var waiting: Set<String> = []
  }

  /// Has the plan's pipelines run, and those alone. A pipeline one of whose sinks cannot open yet begins when it can;
  /// until then, one of its name goes on as it is, unless a sink of that was set apart.
  ///
  /// - Throws: ``Failure`` of a sink or a pattern, and then nothing has changed; `CancellationError`.
  func apply(_ next: Plan, to running: RunningPipelines, on occasion: Occasion) async throws {
    let former = sinks
    let opened: [Int: RunningSink]
    do {
      opened = try await openSinks(of: next, on: occasion) {
        if self.pipelines.isEmpty { try await running.pipelines.prepare(next.pipelines) }
      }
    } catch {
      giveUp(sinks.filter { former[$0.key]?.number != $0.value.number })
      sinks = former
      throw error
    }
    let change = change(to: next, with: opened)
    waitingPipelines = change.waiting
    if occasion != .sinkOpened { sayWhatGoesOn(beside: change) }
    // Until a pipeline is replaced or removed, files that appear flow to its former sinks.
    leavingSinks += former.filter { sinks[$0.key]?.number != $0.value.number }.values
    defer { retireUnused(in: running) }
    await running.pipelines.use(TimingOutput(isShown: settings.showsTiming, slowBatch: next.slowBatch))
    await running.pipelines.add(change.added + change.replaced.map(\.new))
    pipelines.removeAll { pipeline in change.removed.contains { $0.number == pipeline.number } }
    let gone = change.removed + change.replaced.map(\.old)
    for pipeline in gone { formerNumbers[pipeline.name.nameKey, default: []].insert(pipeline.number) }
    for pipeline in change.removed { formerNumbers[pipeline.fingerprint, default: []].insert(pipeline.number) }
    await running.follower.remove(Set(change.removed.map(\.number)))
    forgetLater(Set(change.removed.map(\.number)), in: running)
    for (old, new) in change.replaced {
      let count = try await replace(old, by: new, in: running)
      pipelines.removeAll { $0.number == old.number }
      pipelines.append(new)
      forgetLater([old.number], in: running)
      try await running.pipelines.expect([new.number: count])
    }
    let added = try await followed(change.added, in: running)
    let counts = try await running.follower.add(added)
    pipelines += change.added
    try await running.pipelines.expect(counts)
    // What the command line made up is never changed: at the end of standard input, alone, nothing is left to follow.
    if settings.isOnce || next.source == nil { await running.follower.finishAdding() }
    appliedPlan = next
  }

  /// - Returns: in how many files the new one starts.
  private func replace(
    _ old: RunningPipeline, by new: RunningPipeline, in running: RunningPipelines
  ) async throws -> Int {
    var endedCount = await running.follower.endedCount
    var followed = try await followed([new], after: old, in: running)
    // A file that was read to its end since, as where a database made this wait, is further than its checkpoints say.
    for _ in 1..<Follower.looksInARow {
      let count = await running.follower.endedCount
      if count == endedCount { break }
      endedCount = count
      followed = try await self.followed([new], after: old, in: running)
    }
    return try await running.follower.replace(old.number, by: followed[0])
  }

  /// Whether pipelines of the plan do not run, as not all their sinks are open.
  var isIncomplete: Bool { !waitingPipelines.isEmpty }

  /// Whether one of them has to wait for its sinks, and for nothing else: none was set apart.
  var isWaiting: Bool {
    plan.pipelines.contains { waitingPipelines.contains($0.label.name.nameKey) && !hasSinkSetApart($0) }
  }

  /// Whether a sink of a pipeline of the plan was set apart.
  func hasSinkSetApart(_ pipeline: PipelinePlan) -> Bool {
    pipeline.sinks.contains { place in
      sinks[plan.sinks[place].name.nameKey].map { faultySinks.contains($0.number) } == true
    }
  }

  private func sayWhatGoesOn(beside change: Change) {
    let going = pipelines.filter { pipeline in
      change.waiting.contains(pipeline.name.nameKey) && !change.removed.contains { $0.number == pipeline.number }
    }
    for pipeline in going { log.info("pipeline \(pipeline.name) goes on as it was until its new sinks are open") }
  }

  private func change(to next: Plan, with opened: [Int: RunningSink]) -> Change {
    var change = Change()
    var left = pipelines
    for pipelinePlan in next.pipelines {
      let former = left.firstIndex { $0.name.nameKey == pipelinePlan.label.name.nameKey }
        .map { left.remove(at: $0) }
      let sinks = pipelinePlan.sinks.compactMap { opened[$0] }
      guard sinks.count == pipelinePlan.sinks.count else {
        change.waiting.insert(pipelinePlan.label.name.nameKey)
        if let former, hasFaulty(former) { change.removed.append(former) }
        continue
      }
      let new = RunningPipeline(number: nextNumber(), plan: pipelinePlan, sinks: sinks)
      if let former, former.isSame(as: new) { continue }
      if let former, !hasFaulty(former) {
        change.replaced.append((former, new))
      } else {
        change.added.append(new)
        if let former { change.removed.append(former) }
      }
    }
    change.removed += left
    return change
  }

  /// Whether a sink of a pipeline was set apart: what it missed since is read from where it was, and so the pipeline
  /// does not go on where it is.
  private func hasFaulty(_ pipeline: RunningPipeline) -> Bool {
    pipeline.sinks.contains { faultySinks.contains($0.number) }
  }

  /// How far the sinks of pipelines are, when all that was under way to them for pipelines of those names has arrived.
  ///
  /// A store is asked once for all of them, as there may be a thousand.
  private func followed(
    _ pipelines: [RunningPipeline], after old: RunningPipeline? = nil, in running: RunningPipelines
  ) async throws -> [FollowedPipeline] {
    if pipelines.isEmpty { return [] }
    // Of their names, or of those that may be their former names.
    let keys = pipelines.flatMap { [$0.name.nameKey, $0.fingerprint] }
    let former = Set(keys.flatMap { formerNumbers[$0] ?? [] }).subtracting([old?.number].compactMap(\.self))
    try await running.pipelines.waitUntilLeft(former)
    forgetFormer(former)
    try await settle(pipelines, in: running)
    let haveRunBefore = try await haveRunBefore(pipelines.map(\.name), in: running.store)
    var known = haveRunBefore.map { KnownPositions(hasRunBefore: $0, sinkCheckpoints: [], formerCheckpoints: []) }
    for place in 0..<(pipelines.map(\.sinks.count).max() ?? 0) {
      let takers = pipelines.indices.filter { pipelines[$0].sinks.count > place }
      for (sink, takers) in Self.bySink(takers, { pipelines[$0].sinks[place] }) {
        let (checkpoints, former) = try await positions(of: sink, in: takers.map { pipelines[$0] }, running)
        for (taker, place) in zip(takers, takers.indices) {
          known[taker].sinkCheckpoints.append(checkpoints[place])
          known[taker].formerCheckpoints.append(former[place])
        }
      }
    }
    return zip(pipelines, known).map {
      FollowedPipeline(number: $0.number, follow: $0.plan.follow, known: $1)
    }
  }

  /// Nothing more is given out for pipelines of these numbers: when all that was has arrived, they are forgotten.
  private func forgetLater(_ numbers: Set<Int>, in running: RunningPipelines) {
    if numbers.isEmpty { return }
    scheduler.spawn(name: "forget pipelines") {
      try await running.pipelines.waitUntilLeft(numbers)
      await self.forgetFormer(numbers)
    }
  }

  private func forgetFormer(_ numbers: Set<Int>) {
    formerNumbers = formerNumbers.compactMapValues { known in
      let rest = known.subtracting(numbers)
      return rest.isEmpty ? nil : rest
    }
  }

  /// - Returns: each sink once, with who has it, in order.
  private static func bySink(_ takers: [Int], _ sink: (Int) -> RunningSink) -> [(RunningSink, [Int])] {
    var places: [Int: Int] = [:]
    return takers.reduce(into: []) { groups, taker in
      let sink = sink(taker)
      if let place = places[sink.number] { return groups[place].1.append(taker) }
      places[sink.number] = groups.count
      groups.append((sink, [taker]))
    }
  }

  private func positions(
    of sink: RunningSink, in pipelines: [RunningPipeline], _ running: RunningPipelines
  ) async throws -> ([[Checkpoint]], [[FormerCheckpoint]]) {
    let labels = pipelines.map(\.plan.label)
    if let own = try await sink.sink.checkpoints(of: labels) {
      return (own, try await sink.sink.formerCheckpoints(of: labels))
    }
    let names = pipelines.map(\.name)
    return (
      try await running.book.checkpoints(sink: sink.name, pipelines: names),
      try await running.book.formerCheckpoints(sink: sink.name, pipelines: names)
    )
  }

  /// Lets pipelines go on with what was stored of them, also under former names: see ``PipelineClaim``. What the
  /// command line makes up has no former name.
  private func settle(_ pipelines: [RunningPipeline], in running: RunningPipelines) async throws {
    guard plan.source != nil else { return }
    let present = Set(plan.pipelines.map { $0.label.name.nameKey })
    func claim(_ pipeline: RunningPipeline) -> PipelineClaim {
      PipelineClaim(label: pipeline.plan.label, plan: pipeline.fingerprint, present: present)
    }
    try await running.book.settle(pipelines.map(claim))
    let uses = pipelines.flatMap { pipeline in pipeline.sinks.map { (sink: $0, pipeline: pipeline) } }
    for (sink, places) in Self.bySink(Array(uses.indices), { uses[$0].sink }) {
      try await sink.sink.settle(places.map { claim(uses[$0].pipeline) })
    }
  }

  private func haveRunBefore(_ pipelines: [String], in store: Store?) async throws -> [Bool] {
    guard let store, !settings.appliesStartToNewFiles else { return pipelines.map { _ in false } }
    return try await Retry(of: "the database", on: scheduler, log: log).run {
      try await store.haveRunBefore(pipelines)
    }
  }
}

extension RunningPipeline {
  /// Whether it does the same with the same sinks.
  fileprivate func isSame(as other: RunningPipeline) -> Bool {
    PipelineLabel.isSame(plan.label, other.plan.label)
      && plan.follow == other.plan.follow && sinks.map(\.number) == other.sinks.map(\.number)
      && plan.trunk.isSame(as: other.plan.trunk, numbering: plan.sinks, other.plan.sinks)
  }
}

extension BranchPlan {
  /// Whether it is the same where sinks are told by their places in these lists.
  fileprivate func isSame(as other: BranchPlan, numbering sinks: [Int], _ otherSinks: [Int]) -> Bool {
    rules == other.rules && branches.count == other.branches.count
      && self.sinks.map { sinks.firstIndex(of: $0) } == other.sinks.map { otherSinks.firstIndex(of: $0) }
      && zip(branches, other.branches).allSatisfy { $0.isSame(as: $1, numbering: sinks, otherSinks) }
  }
}
