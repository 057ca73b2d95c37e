import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// Much is read in which nothing matches.
@Suite struct LongReadTests {
  /// A sink that notes how far it was told that the file is read.
  private struct Taker: Sink, SinkRecipe {
    let ends = Noted()
    var summary: String { "taker" }
    func make(in surroundings: SinkSurroundings) -> any Sink { self }
    func open(for pipelines: [PipelineLabel]) {}
    func checkpoints(of pipelines: [PipelineLabel]) -> [[Checkpoint]]? { nil }
    func receive(_ inbox: Inbox<[Delivery]>) async throws {
      for try await deliveries in inbox { ends.note(deliveries[0].batch.end) }
    }
  }

  private final class Noted: Sendable {
    private let numbers = Mutex<[UInt64]>([])
    var all: [UInt64] { numbers.withLock { $0 } }
    func note(_ number: UInt64) { numbers.withLock { $0.append(number) } }
  }

  private struct NoSignals: SignalSource {
    func next(on scheduler: Scheduler) async throws -> Signals.Request {
      try await Bell(on: scheduler).wait()
      return .report
    }
  }

  /// Else no signal is heard and no timer fires for seconds; and in the end the sink knows where reading is.
  @Test func othersHaveTheirTurnsBetweenBatches() throws {
    let scratch = Scratch()
    let line = String(repeating: "nothing that matches ", count: 50) + "\n"
    let chunk = String(repeating: line, count: FollowedFile.chunkBytes / line.utf8.count)
    for _ in 0..<12 { scratch.append(chunk, to: "log") }
    scratch.append("without an end", to: "log")
    let (ends, turns) = try read(scratch.path("log"), matching: "ERROR")
    #expect(ends.first == 0 && ends.last == UInt64(12 * chunk.utf8.count + 14))
    #expect(ends.count <= 4, "it was not told of each batch: \(ends)")
    #expect(turns >= 10, "turns between two things that the sink was told")
  }

  /// Each line takes some milliseconds, and meets no limit.
  @Test func othersHaveTheirTurnsWithinABatch() throws {
    let scratch = Scratch()
    let line = String(repeating: "a", count: 4000) + "\n"
    scratch.append(String(repeating: line, count: 60), to: "log")
    let (ends, turns) = try read(scratch.path("log"), matching: ".{0,1900}[xy]")
    #expect(ends == [0, UInt64(60 * line.utf8.count)])
    #expect(turns >= 10, "turns while the batch is scanned")
  }

  /// - Returns: what the sink was told, and how many turns another routine had between two of these at most.
  private func read(_ path: FilePath, matching pattern: String) throws -> (ends: [UInt64], turns: Int) {
    let taker = Taker()
    var plan = try pipeline([Rule(matches: [Pattern(pattern)])])
    plan.follow = [FollowPlan(paths: [path], start: .beginning)]
    var settings = Agent.Settings()
    settings.isOnce = true
    let scheduler = Scheduler()
    let agent = Agent(
      plan: Plan(
        database: nil, sinks: [SinkPlan(name: "taker", kind: "taker", recipe: taker)], pipelines: [plan]),
      settings: settings, scheduler: scheduler, signals: NoSignals(), machine: Machine())
    let turns = Noted()
    let status = try scheduler.run {
      let other = scheduler.spawn(name: "other") {
        while true {
          turns.note(UInt64(taker.ends.all.count))
          await Task.yield()
          try Task.checkCancellation()
        }
      }
      let status = await agent.run()
      other.cancel()
      _ = await other.outcome
      return status
    }
    #expect(status == 0)
    let most = Dictionary(grouping: turns.all) { $0 }.values.map(\.count).max() ?? 0
    return (taker.ends.all, most)
  }
}
