import Glibc
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// Production code on a simulated machine: each seed is a history of writers, rotations and crashes, and an oracle
/// judges what was stored.
@Suite struct SimulationTests {
  /// A few, for a build for debugging takes ten times as long: `Tests/Simulation/run` tries 300.
  private static let seedCount = 10

  @Test func eachLineIsStoredOnce() throws {
    let first = number("WEIR_SEED") ?? number("WEIR_FIRST_SEED") ?? 1
    let count = number("WEIR_SEED") != nil ? 1 : number("WEIR_SEEDS") ?? Self.seedCount
    for seed in first..<first + count {
      let faults = try faults(UInt64(seed), isTraced: number("WEIR_SEED") != nil)
      guard !faults.isEmpty else { continue }
      Issue.record("seed \(seed): \(faults.prefix(10).joined(separator: "\n"))")
      if number("WEIR_GO_ON") == nil { return }
    }
  }

  /// Sets and dictionaries are in another order in each process, unless that is asked for.
  @Test(.enabled(if: getenv("SWIFT_DETERMINISTIC_HASHING") != nil)) func aSeedIsOneHistory() throws {
    for seed in 7..<7 + (number("WEIR_TWICE") ?? 1) {
      let histories = try (0..<2).map { _ in
        let world = try World(seed: UInt64(seed), isTraced: true)
        try world.run()
        return world.trace.lines
      }
      let pair = zip(histories[0], histories[1]).enumerated().first { $1.0 != $1.1 }
      #expect(pair == nil && histories[0].count == histories[1].count, "seed \(seed): \(String(describing: pair))")
    }
  }

  private func faults(_ seed: UInt64, isTraced: Bool) throws -> [String] {
    let names = getenv("WEIR_FAULTS").map { String(cString: $0).split(separator: ",") }
    let world = try World(seed: seed, faults: names?.map { try #require(Fault(rawValue: "\($0)")) }, isTraced: isTraced)
    world.trace.isPrinted = isTraced
    world.trace.note("\(world.setting)")
    var faults: [String] = []
    do { try world.run() } catch { faults.append("\(error)") }
    faults += world.complaints
    do { faults += try verdicts(world) } catch { faults.append("no verdict: \(error)") }
    return faults
  }

  private func verdicts(_ world: World) throws -> [String] {
    let (setting, oracle) = (world.setting, world.oracle)
    let main = try Stored(Databases.main, on: world.databases)
    func faults(of stored: Stored, _ name: String, _ leniency: Verdict.Leniency = .none) -> [String] {
      Verdict(
        oracle, stored: stored, gaps: main.gaps, isFiltered: setting.hasFilter, name: name, leniency
      ).faults
    }
    var found = faults(of: main, "sqlite")
    let varies = setting.has(.config)
    if setting.hasSecondStore || varies {
      let isThere = try world.databases.disk.identity(Databases.archive) != nil
      if isThere || !varies {
        let archive = try Stored(Databases.archive, on: world.databases)
        found += faults(of: archive, "archive", varies ? .misses : .none)
      }
    }
    // A printer's checkpoints are written down after what they are of.
    let printed = Stored(printed: world.printed)
    if setting.hasPrinter, !varies { found += faults(of: printed, "printer", world.hasKilled ? .repeats : .none) }
    if varies, !world.hasKilled { found += faults(of: printed, "printer", .misses) }
    if setting.endingsCount == 0, !varies {
      found += LedgerSum(world.figures, of: oracle, stored: main, isFiltered: setting.hasFilter).faults
    }
    return found
  }

  private func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
}
