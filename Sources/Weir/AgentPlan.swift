import Coroutines
import Logging

/// From the plan that runs to another one, by what differs. What stays reads on meanwhile.
extension Agent {
  /// What a plan changes of what runs.
  private struct Change {
    var stays: Set<Int> = []
    var replaced: [(old: RunningPipeline, new: RunningPipeline)] = []
    var added: [RunningPipeline] = []
    var removed: [RunningPipeline] = []
  }

  /// Has the plan's pipelines run, and those alone. A pipeline one of whose sinks cannot open yet begins when it can.
  ///
  /// - Parameter isSame: whether it is the plan that was applied last, and only the waiting is over.
  /// - Throws: ``Failure`` of a sink or a pattern, and then nothing has changed; `CancellationError`.
  func apply(_ next: Plan, to running: RunningPipelines, isSame: Bool = false) async throws {
    let former = sinks
    let opened: [Int: RunningSink]
    do { opened = try await openSinks(of: next, keepingAll: isSame) } catch {
      giveUp(sinks.filter { former[$0.key]?.number != $0.value.number })
      sinks = former
      throw error
    }
    let change = change(to: next, with: opened)
    // Until a pipeline is replaced or removed, files that appear flow to its former sinks.
    let unwanted = former.filter { sinks[$0.key]?.number != $0.value.number }
    defer { retire(unwanted, in: running) }
    await running.pipelines.add(change.added + change.replaced.map(\.new))
    pipelines.removeAll { pipeline in change.removed.contains { $0.number == pipeline.number } }
    let gone = change.removed + change.replaced.map(\.old)
    for pipeline in gone { formerNumbers[pipeline.name.lowercased(), default: []].insert(pipeline.number) }
    for pipeline in change.removed { formerNumbers[pipeline.plan.fingerprint, default: []].insert(pipeline.number) }
    await running.follower.remove(Set(change.removed.map(\.number)))
    for (old, new) in change.replaced {
      let count = try await replace(old, by: new, in: running)
      pipelines.removeAll { $0.number == old.number }
      pipelines.append(new)
      try await running.pipelines.expect(count, of: new.number)
    }
    var added: [FollowedPipeline] = []
    for pipeline in change.added { added.append(try await followed(pipeline, in: running)) }
    let counts = try await running.follower.add(added)
    pipelines += change.added
    for (number, count) in counts {
      try await running.pipelines.expect(count, of: number)
    }
  }

  /// - Returns: in how many files the new one starts.
  private func replace(
    _ old: RunningPipeline, by new: RunningPipeline, in running: RunningPipelines
  ) async throws -> Int {
    var endedCount = await running.follower.endedCount
    var followed = try await followed(new, after: old, in: running)
    // A file that was read to its end since, as where a database made this wait, is further than its checkpoints say.
    for _ in 1..<Follower.looksInARow {
      let count = await running.follower.endedCount
      if count == endedCount { break }
      endedCount = count
      followed = try await self.followed(new, after: old, in: running)
    }
    return try await running.follower.replace(old.number, by: followed)
  }

  /// Whether pipelines of the plan wait for their sinks.
  var isIncomplete: Bool { pipelines.count < plan.pipelines.count }

  private func change(to next: Plan, with opened: [Int: RunningSink]) -> Change {
    var change = Change()
    var left = pipelines
    for pipelinePlan in next.pipelines {
      let former = left.firstIndex { $0.name.lowercased() == pipelinePlan.label.name.lowercased() }
        .map { left.remove(at: $0) }
      let sinks = pipelinePlan.sinks.compactMap { opened[$0] }
      guard sinks.count == pipelinePlan.sinks.count else {
        if let former { change.removed.append(former) }
        continue
      }
      let new = RunningPipeline(number: nextNumber(), plan: pipelinePlan, sinks: sinks)
      if let former, former.isSame(as: new) {
        change.stays.insert(former.number)
      } else if let former {
        change.replaced.append((former, new))
      } else {
        change.added.append(new)
      }
    }
    change.removed += left
    return change
  }

  /// How far the sinks of a pipeline are, when all that was under way to them for a pipeline of that name has arrived.
  private func followed(
    _ pipeline: RunningPipeline, after old: RunningPipeline? = nil, in running: RunningPipelines
  ) async throws -> FollowedPipeline {
    // Of its name, or of one that may be its former name.
    let keys = [pipeline.name.lowercased(), pipeline.plan.fingerprint]
    let former = Set(keys.flatMap { formerNumbers[$0] ?? [] }).subtracting([old?.number].compactMap(\.self))
    try await running.pipelines.waitUntilLeft(former)
    for key in keys { formerNumbers[key]?.subtract(former) }
    try await settle(pipeline, in: running)
    var checkpoints: [[Checkpoint]] = []
    var left: [[FormerCheckpoint]] = []
    for sink in pipeline.sinks {
      if let own = try await sink.sink.checkpoints(of: pipeline.plan.label) {
        checkpoints.append(own)
        left.append(try await sink.sink.formerCheckpoints(of: pipeline.plan.label))
      } else {
        checkpoints.append(try await running.book.checkpoints(sink: sink.name, pipeline: pipeline.name))
        left.append(try await running.book.formerCheckpoints(sink: sink.name, pipeline: pipeline.name))
      }
    }
    let known = KnownPositions(
      hasRunBefore: try await hasRunBefore(pipeline.name, in: running.store), sinkCheckpoints: checkpoints,
      formerCheckpoints: left)
    return FollowedPipeline(number: pipeline.number, follow: pipeline.plan.follow, known: known)
  }

  /// Lets a pipeline go on with what was stored of it, also under a former name: see ``PipelineClaim``. What the
  /// command line makes up has no former name.
  private func settle(_ pipeline: RunningPipeline, in running: RunningPipelines) async throws {
    guard plan.source != nil else { return }
    let claim = PipelineClaim(
      label: pipeline.plan.label, plan: pipeline.plan.fingerprint,
      present: Set(plan.pipelines.map { $0.label.name.lowercased() }))
    try await running.book.settle(claim)
    for sink in pipeline.sinks { try await sink.sink.settle(claim) }
  }

  private func hasRunBefore(_ pipeline: String, in store: Store?) async throws -> Bool {
    guard let store, !settings.appliesStartToNewFiles else { return false }
    return try await Retry(of: "the database", on: scheduler, log: log).run { try await store.hasRunBefore(pipeline) }
  }
}

extension RunningPipeline {
  /// Whether it does the same with the same sinks.
  fileprivate func isSame(as other: RunningPipeline) -> Bool {
    plan.label.name == other.plan.label.name && plan.label.fields == other.plan.label.fields
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
