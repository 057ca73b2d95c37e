import Coroutines
import Glibc
import Testing

/// Random programs in random orders, held against a simple model.
///
/// `WEIR_SEEDS=10000` tries more, `WEIR_SEED=17` replays one.
@Suite struct ModelTests {
  static let seeds: [UInt64] = {
    if let seed = getenv("WEIR_SEED").flatMap({ UInt64(String(cString: $0)) }) { return [seed] }
    let count = getenv("WEIR_SEEDS").flatMap { UInt64(String(cString: $0)) } ?? 2_000
    return Array(0..<count)
  }()

  @Test func `random programs lose nothing, repeat nothing, hang never, and clean up once`() throws {
    for seed in Self.seeds {
      try Scheduler.explore(seeds: [seed]) { scheduler in try await Program(seed: seed).run(on: scheduler) }
    }
  }

  @Test func `the same holds first come first served, where sends are handed over at once`() throws {
    for seed in Self.seeds {
      let scheduler = Scheduler(clock: VirtualClock(), isAlone: true)
      #expect(throws: Never.self, "WEIR_SEED=\(seed) replays it") {
        try scheduler.run { try await Program(seed: seed).run(on: scheduler) }
      }
    }
  }
}
