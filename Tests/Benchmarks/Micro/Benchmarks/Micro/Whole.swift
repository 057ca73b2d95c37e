import Benchmark
import Coroutines
import SystemPackage

@testable import Weir

/// An agent from its start to its end: a file is followed, searched, and what matches is stored and counted.
func registerWhole() {
  register("whole-once", counting: [.readSyscalls, .writeSyscalls, .writeBytesLogical]) { benchmark in
    let folder = TemporaryFolder()
    let log = try folder.write(Logs.chunk, times: 8, to: "app.log")
    let pipeline = PipelinePlan(
      label: PipelineLabel(name: "micro", fields: ["user"]), follow: [FollowPlan(paths: [log], start: .beginning)],
      trunk: BranchPlan(rules: [Rule(matches: [Pattern(#"user=(?<user>\w+)"#)])], sinks: [0, 1]))
    let plan = Plan(
      database: folder.path.appending("weir.db"), log: LogPlan(level: .error),
      sinks: [
        SinkPlan(name: "sqlite", kind: "sqlite", recipe: SQLiteRecipe()),
        SinkPlan(name: "counter", kind: "counter", recipe: CounterRecipe(by: ["user"])),
      ],
      pipelines: [pipeline])
    var settings = Agent.Settings()
    settings.isOnce = true
    let status = try benchmark.counted {
      let scheduler = Scheduler()
      let agent = Agent(
        plan: plan, settings: settings, scheduler: scheduler, signals: NoSignals(), machine: Machine())
      return try scheduler.run { await agent.run() }
    }
    if status != 0 { benchmark.error("the agent ended with status \(status)") }
  }
}

/// Nobody asks anything of the agent.
private struct NoSignals: SignalSource {
  func next(on scheduler: Scheduler) async throws -> Signals.Request {
    try await Bell(on: scheduler).wait()
    return .stop
  }
}
