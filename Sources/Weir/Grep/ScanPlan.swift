/// Which patterns the scan looks for, and how each pipeline comes by its lines.
struct ScanPlan {
  /// Finds them all; nil where there is nothing that it could look for.
  let database: ScanDatabase?
  /// For each pattern of the table, its part of `driven`.
  private(set) var drivenBy: [Range<Int>] = []
  /// Pipelines that are tried on every line in which a pattern may match. Flat: it is read for every hit.
  private(set) var driven: [Int] = []
  /// The pipelines that are tried on every line.
  private(set) var walkers: [Int] = []

  /// For each pattern of the table, whether the scan looks for it.
  private(set) var isScanned: [Bool]

  /// Shorter literals are in so many lines that telling of them costs more than matching.
  private static let shortestBytes = 2
  /// These are rare enough that asking the scan about a pattern costs less than asking PCRE2 about every line.
  private static let rareBytes = 3

  init(_ plans: [PipelinePlan], places: [Pattern: Int], table: PatternTable) {
    let literals = table.patterns.map { pattern in
      OutlineParser.outline(of: pattern.pattern).flatMap(ScanLiterals.init)
        .flatMap { $0.shortestBytes >= Self.shortestBytes ? $0 : nil }
    }
    isScanned = Array(repeating: false, count: literals.count)
    let drivers = plans.map { Self.drivers(of: $0.trunk, places: places, literals: literals) }
    var sought = Set(drivers.flatMap { $0 ?? [] })
    for (plan, drivers) in zip(plans, drivers) where drivers == nil {
      sought.formUnion(Self.worthSeeking(in: plan.trunk, places: places, literals: literals))
    }
    database = ScanDatabase(
      sought.sorted().compactMap { place in
        literals[place].map { ScanDatabase.Entry(pattern: place, literals: $0) }
      })
    var pipelines: [[Int]] = Array(repeating: [], count: literals.count)
    for (pipeline, drivers) in drivers.enumerated() {
      guard let drivers, database != nil else {
        walkers.append(pipeline)
        continue
      }
      for pattern in Set(drivers) { pipelines[pattern].append(pipeline) }
    }
    for pipelines in pipelines {
      drivenBy.append(driven.count..<driven.count + pipelines.count)
      driven += pipelines
    }
    if database != nil { for place in sought { isScanned[place] = true } }
  }

  /// Patterns of which one matches in every line that the branch may give out; nil if the scan cannot find such.
  private static func drivers(of branch: BranchPlan, places: [Pattern: Int], literals: [ScanLiterals?]) -> [Int]? {
    // The rule with the best literals.
    var best: (worth: Int, patterns: [Int])?
    for rule in branch.rules where !rule.matches.isEmpty {
      let patterns = rule.matches.compactMap { places[$0] }
      let worths = patterns.compactMap { literals[$0]?.worth }
      guard let worth = worths.min(), worths.count == rule.matches.count, worth > best?.worth ?? Int.min else {
        continue
      }
      best = (worth, patterns)
    }
    if let best { return best.patterns }
    guard branch.sinks.isEmpty, !branch.branches.isEmpty else { return nil }
    var union: [Int] = []
    for inner in branch.branches {
      guard let drivers = drivers(of: inner, places: places, literals: literals) else { return nil }
      union += drivers
    }
    return union
  }

  /// Patterns with rare literals, of a pipeline that looks at every line: the scan spares PCRE2 most of those lines.
  private static func worthSeeking(in branch: BranchPlan, places: [Pattern: Int], literals: [ScanLiterals?]) -> [Int] {
    let patterns = branch.rules.flatMap { $0.matches + $0.excludes }.compactMap { places[$0] }
    return patterns.filter { literals[$0].map { $0.shortestBytes >= rareBytes } ?? false }
      + branch.branches.flatMap { worthSeeking(in: $0, places: places, literals: literals) }
  }
}
