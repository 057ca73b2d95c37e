import Glibc

/// What the command line asks for.
struct Order {
  let weir: String
  let folder: String
  /// Where this program is, and those that it runs.
  let tools: String
  private(set) var rounds = 5
  private(set) var isSmall = false
  private(set) var isLarge = false
  /// The file of committed counts, where things are counted and not timed.
  private var baseline: String?
  private var renews = false
  /// Those whose names begin like one of these; all, if there is none.
  private var names: [String] = []

  init(_ arguments: [String]) throws {
    guard arguments.count >= 3 else {
      throw Failure("usage: workloads WEIR FOLDER [--rounds N] [--small | --large] [W1 W3 ...] | counts FILE [--renew]")
    }
    tools = arguments[0].split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    weir = arguments[1]
    folder = arguments[2]
    if arguments.count > 4, arguments[3] == "counts" {
      (baseline, renews) = (arguments[4], arguments.dropFirst(5).first == "--renew")
      return
    }
    var rest = arguments.dropFirst(3)
    while let argument = rest.popFirst() {
      switch argument {
      case "--small": (isSmall, isLarge) = (true, false)
      case "--large": (isSmall, isLarge) = (false, true)
      case "--rounds":
        guard let count = rest.popFirst().flatMap({ Int($0) }), count > 0 else { throw Failure("--rounds: how many?") }
        rounds = count
      default: names.append(argument)
      }
    }
    if isLarge {
      guard names.allSatisfy({ $0 == "L" }) else { throw Failure("--large: of L alone") }
      names = ["L"]
    }
  }

  /// Measures or counts, and prints the table.
  ///
  /// - Returns: the exit status.
  func carryOut(_ workloads: [any Workload], on bench: Bench) throws -> Int32 {
    guard let baseline else { return try measure(workloads, on: bench) }
    let committed = try Baseline(baseline)
    let counted = try Counts(bench: bench).measure()
    if renews { try committed.renew(counted) }
    return committed.holds(counted) || renews ? 0 : 1
  }

  private func measure(_ workloads: [any Workload], on bench: Bench) throws -> Int32 {
    let surroundings = try Surroundings()
    let chosen = workloads.filter { workload in names.isEmpty || names.contains { workload.name.hasPrefix($0) } }
    for name in names where !chosen.contains(where: { $0.name.hasPrefix(name) }) {
      complain("there is no workload \(name), but \(workloads.map(\.name).joined(separator: " "))")
      return 64
    }
    var table = Table()
    var failures: [String] = []
    for workload in chosen {
      complain("\(workload.name) ...")
      do { table.rows += try workload.measure(on: bench) } catch {
        failures.append("\(workload.name) failed: \((error as? Failure)?.text ?? "\(error)")")
        complain(failures.last!)
      }
    }
    print(table.markdown)
    for failure in failures { print("\n\(failure)") }
    if isSmall { print("\nSmall data, for a quick look: no goal counts.") }
    let missed = table.rows.filter { !$0.isHeld }.count
    let goals = table.rows.count { $0.hasGoal }
    print("\n\(surroundings.sentence) Rounds: \(rounds). Goals missed: \(missed) of \(goals).")
    return !failures.isEmpty || missed > 0 && !isSmall ? 1 : 0
  }
}
