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
}
