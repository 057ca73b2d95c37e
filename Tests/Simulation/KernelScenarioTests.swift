import Glibc
import Testing

/// Every scenario on the kernel, with the built program.
///
/// With `WEIR_PAUSE=20` a pause of up to so many milliseconds comes before each step, so that other races are met.
@Suite struct KernelScenarioTests {
  /// How many run at a time: most of their time they wait.
  private static let places = Places(10)

  @Test(arguments: ScenarioFolder.names) func kernel(_ name: String) async throws {
    let scenario = try ScenarioFolder.scenario(name)
    guard scenario.skips[.kernel] == nil else { return }
    await Self.places.take()
    do {
      var run = ScenarioRun(scenario, on: try KernelStage(patienceSeconds: scenario.patienceSeconds), pause: pause)
      try await run.run()
      if let pending = scenario.pending {
        Issue.record("\(name) passes, and is marked as pending: \(pending)")
      }
    } catch {
      if scenario.pending == nil { Issue.record("\(error)") }
    }
    await Self.places.giveBack()
  }

  private static let longestPause = getenv("WEIR_PAUSE").flatMap { Int(String(cString: $0)) } ?? 0

  private func pause() async throws {
    guard Self.longestPause > 0 else { return }
    try await ContinuousClock().sleep(for: .milliseconds(Int.random(in: 0...Self.longestPause)))
  }
}

/// A number of places, of which each is taken and given back; who finds none waits.
actor Places {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func giveBack() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
