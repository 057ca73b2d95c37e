import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// Sinks that cannot be made, or fail, while an agent runs.
@Suite struct AgentSinksTests {
  private struct Broken: Error {}

  /// A refused config for which all was ended: the former sinks are made once more.
  @Test func oneThatCannotBeMadeAgainIsSetApartAndTheOthersGoOn() throws {
    let stage = AgentStage()
    let (good, broken) = (AgentStage.Taker(), AgentStage.Taker { if $0 == 2 { throw Broken() } })
    let pipelines = [
      stage.pipeline("p", follow: "a.log", sinks: [0]), stage.pipeline("q", follow: "a.log", sinks: [1]),
    ]
    let sinks: [(String, any SinkRecipe)] = [("good", good), ("broken", broken)]
    let plan = stage.plan(pipelines, sinks, database: "weir.db")
    stage.scratch.append("one\n", to: "a.log")
    stage.scratch.append("no database, and longer than an empty one", to: "other.db")
    let status = try stage.run(plan) { _ in
      try await stage.until { good.lines == ["one"] && broken.lines == ["one"] }
      stage.reload(stage.plan(pipelines, sinks, database: "other.db"))
      try await stage.untilSaid("sink broken failed and is set apart")
      stage.scratch.append("two\n", to: "a.log")
      try await stage.until { good.lines == ["one", "two"] }
      #expect(broken.makingCount == 2 && broken.lines == ["one"])
      // It is tried again with the next config that is read.
      stage.reload(plan)
      try await stage.until { broken.lines == ["one", "two"] }
    }
    #expect(status == 1, "a sink has failed")
    #expect(good.lines == ["one", "two"])
  }

  /// Files for which nobody waits have a flow made anew at each line.
  @Test func oneThatFailedIsSentNothingMore() throws {
    let (scratch, scheduler) = (Scratch(), Scheduler())
    let faults = Mutex(0)
    let log = LogRecord().logger
    let fileCount = WaitingFiles.limit + 50
    for number in 0..<fileCount { scratch.append("one\n", to: "\(number).log") }
    try scheduler.run {
      let follower = Follower(isOnce: false, scheduler: scheduler, pool: BlockPool(), log: log)
      try await follower.start()
      let pipelines = Pipelines(
        follower: follower, ledger: Ledger(store: nil, scheduler: scheduler, log: log),
        book: CheckpointBook(store: nil, scheduler: scheduler, log: log), scheduler: scheduler, log: log,
        onFault: { _, _ in faults.withLock { $0 += 1 } }, onFiles: {})
      let taker = AgentStage.Taker()
      func sink(_ number: Int, _ body: @escaping @Sendable (Inbox<[Delivery]>) async throws -> Void) -> RunningSink {
        RunningSink(
          number: number, name: "\(number)", recipe: taker, sink: taker, keepsCheckpoints: false,
          coroutine: Consumer(name: "\(number)", on: scheduler, body: body))
      }
      let sinks = [sink(1) { try await taker.receive($0) }, sink(2) { _ in throw Broken() }]
      let follow = [FollowPlan(paths: [scratch.path("*.log")], start: .beginning)]
      let plan = PipelinePlan(
        label: PipelineLabel(name: "p", fields: []), follow: follow, trunk: BranchPlan(rules: [], sinks: [0, 1]))
      await pipelines.add([RunningPipeline(number: 1, plan: plan, sinks: sinks)])
      let running = scheduler.spawn(name: "pipelines") { try await pipelines.run() }
      let known = KnownPositions(hasRunBefore: false, sinkCheckpoints: [[], []], formerCheckpoints: [[], []])
      _ = try await follower.add([FollowedPipeline(number: 1, follow: follow, known: known)])
      try await waitUntil(on: scheduler) { taker.lines.count == fileCount }
      let faultsBefore = faults.withLock { $0 }
      #expect(faultsBefore > 0)
      for number in 0..<fileCount { scratch.append("two\n", to: "\(number).log") }
      try await waitUntil(on: scheduler) { taker.lines.count == 2 * fileCount }
      #expect(faults.withLock { $0 } == faultsBefore)
      await follower.stop()
      try await running.value
      for sink in sinks { try? await sink.coroutine.close() }
    }
  }
}
