import Glibc
import Testing

@testable import Coroutines

/// Every scenario on the simulated machine. Seed 0 has no moment between two steps and no order but first come first
/// served; others draw pauses, in which the agent does this or that, and the order of all that is ready.
///
/// `WEIR_SEEDS=100` tries so many, and `WEIR_SEED=3` that one.
@Suite struct SimulatedScenarioTests {
  private static let seeds: Range<UInt64> =
    if let seed = number("WEIR_SEED") { seed..<seed + 1 } else { 0..<(number("WEIR_SEEDS") ?? 1) }
  /// Between two steps, in milliseconds.
  private static let longestPause = 20

  @Test(arguments: ScenarioFolder.names) func simulator(_ name: String) throws {
    let scenario = try ScenarioFolder.scenario(name)
    guard scenario.skips[.simulator] == nil else { return }
    for seed in Self.seeds {
      do {
        try Self.run(scenario, seed: seed)
        if let pending = scenario.pending {
          Issue.record("\(name) passes, and is marked as pending: \(pending)")
        }
      } catch {
        if scenario.pending != nil { continue }
        Issue.record("seed \(seed): \(error)")
        return
      }
    }
  }

  private static func run(_ scenario: Scenario, seed: UInt64) throws {
    let stage = try SimulatedStage(
      patienceSeconds: scenario.patienceSeconds, seed: seed == 0 ? nil : seed,
      longestPause: seed == 0 ? 0 : longestPause)
    try stage.scheduler.runAlone {
      var run = ScenarioRun(scenario, on: stage, pause: stage.pause)
      try await run.run()
    }
  }

  private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
}
