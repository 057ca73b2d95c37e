/// Which patterns the scan looks for, and how each pipeline comes by its lines.
struct ScanPlan {
  /// Finds them all; nil where there is nothing that it could look for.
  let database: ScanDatabase?
  /// For each pattern of the table, the pipelines that are tried on every line it may match in.
  private(set) var drivenBy: [[Int]]
  /// The pipelines that are tried on every line.
  private(set) var walkers: [Int] = []

  /// Shorter runs of bytes are in so many lines that telling of them costs more than matching.
  private static let shortestRunBytes = 2

  init(_ plans: [PipelinePlan], places: [Pattern: Int], table: PatternTable) {
    var nodes = table.patterns.map { pattern in
      ScanNode.node(for: pattern.pattern).flatMap { $0.longestRun >= Self.shortestRunBytes ? $0 : nil }
    }
    while true {
      let drivers = plans.map { Self.drivers(of: $0.trunk, places: places, nodes: nodes) }
      var sought = Set(drivers.flatMap { $0 ?? [] })
      for (plan, drivers) in zip(plans, drivers) where drivers == nil {
        sought.formUnion(Self.worthSeeking(in: plan.trunk, places: places, nodes: nodes))
      }
      let expressions = sought.sorted().compactMap { place in
        nodes[place].map { ScanDatabase.Expression(pattern: place, text: ScanText($0).text) }
      }
      let database = ScanDatabase(expressions)
      let refused = sought.subtracting(database?.patterns ?? [])
      if refused.isEmpty {
        self.database = database
        drivenBy = Array(repeating: [], count: nodes.count)
        for (pipeline, drivers) in drivers.enumerated() {
          guard let drivers else {
            walkers.append(pipeline)
            continue
          }
          for pattern in Set(drivers) { drivenBy[pattern].append(pipeline) }
        }
        return
      }
      for place in refused { nodes[place] = nil }
    }
  }

  /// Patterns of which one matches in every line that the branch may give out; nil if the scan cannot find such.
  private static func drivers(of branch: BranchPlan, places: [Pattern: Int], nodes: [ScanNode?]) -> [Int]? {
    // The rule with the longest runs: they are in the fewest lines.
    var best: (run: Int, patterns: [Int])?
    for rule in branch.rules where !rule.matches.isEmpty {
      let patterns = rule.matches.compactMap { places[$0] }
      let runs = patterns.compactMap { nodes[$0]?.longestRun }
      guard let run = runs.min(), runs.count == rule.matches.count, run > best?.run ?? 0 else { continue }
      best = (run, patterns)
    }
    if let best { return best.patterns }
    guard branch.sinks.isEmpty, !branch.branches.isEmpty else { return nil }
    var union: [Int] = []
    for inner in branch.branches {
      guard let drivers = drivers(of: inner, places: places, nodes: nodes) else { return nil }
      union += drivers
    }
    return union
  }

  /// Patterns with long runs, of a pipeline that looks at every line: the scan spares PCRE2 most of those lines.
  private static func worthSeeking(in branch: BranchPlan, places: [Pattern: Int], nodes: [ScanNode?]) -> [Int] {
    let patterns = branch.rules.flatMap { $0.matches + $0.excludes }.compactMap { places[$0] }
    return patterns.filter { nodes[$0].map { $0.longestRun >= ScanNode.longRunBytes } ?? false }
      + branch.branches.flatMap { worthSeeking(in: $0, places: places, nodes: nodes) }
  }
}

extension ScanNode {
  /// What the scan looks for in place of `pattern`; nil if it cannot.
  static func node(for pattern: Pattern) -> ScanNode? { ScanParser.node(for: pattern)?.flattened.trimmed }
}
