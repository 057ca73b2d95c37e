/// A pipeline's trunk and branches as the scanner walks them: patterns are places in the scanner's table, and
/// everything lies flat in arrays of plain values, so that a walk counts no references.
struct PipelineRules {
  /// The trunk, or a branch.
  struct Node {
    /// Places in `rules`.
    let rules: Range<Int>
    /// Places in `columns`: where lines that came so far go.
    let columns: Range<Int>
    /// Behind the last place in `nodes` of what is inside this one; the first stands right behind it.
    var end: Int
    /// 0 for the trunk.
    let depth: Int
  }

  /// One item of `grep:`.
  struct Rule {
    let matches: PatternList
    let excludes: PatternList
  }

  /// Patterns of which any may match.
  struct PatternList {
    /// Places in `patterns`, in the order of the config, and in `ranks`, in the order of the table.
    let places: Range<Int>
    /// Whether the scan looks for all of them: then only those that it reported need be asked.
    let isScanned: Bool
  }

  /// Where a pattern is in its list.
  struct Rank {
    let pattern: Int
    let place: Int
  }

  /// Where a named group of a pattern goes.
  struct Field {
    /// Its place in `PipelineLabel.fields`.
    let field: Int
    /// The groups of that name.
    let numbers: [Int]
  }

  /// Depth first; the trunk is the first.
  private(set) var nodes: [Node] = []
  private(set) var rules: [Rule] = []
  /// Places in the scanner's table.
  private(set) var patterns: [Int] = []
  private(set) var ranks: [Rank] = []
  /// Columns of lines: sinks that are named at the same places share one.
  private(set) var columns: [Int] = []
  /// For each sink, in the order of `PipelinePlan.sinks`, its column.
  let columnOfSink: [Int]
  /// How many columns there are.
  let columnCount: Int
  private(set) var fields: [Field] = []
  /// For each of `patterns`, its part of `fields`.
  private(set) var fieldsOfPattern: [Range<Int>] = []
  /// How many fields the pipeline has.
  let fieldCount: Int
  /// How many levels of branches there are, the trunk's included.
  private(set) var levelCount = 0

  /// - Parameters:
  ///   - places: where each of the plan's patterns is in `table`.
  ///   - isScanned: for each pattern of `table`, whether the scan looks for it.
  init(_ plan: PipelinePlan, places: [Pattern: Int], table: PatternTable, isScanned: [Bool]) {
    let sinks = plan.sinks
    let branches = Self.flat(plan.trunk)
    // Sinks that are named at the same places get the same lines.
    var kinds: [[Bool]] = []
    columnOfSink = sinks.map { sink in
      let kind = branches.map { $0.sinks.contains(sink) }
      if let known = kinds.firstIndex(of: kind) { return known }
      kinds.append(kind)
      return kinds.count - 1
    }
    columnCount = kinds.count
    fieldCount = plan.label.fields.count
    add(plan.trunk, depth: 0, kinds: kinds, places: places, isScanned: isScanned)
    addFields(plan.label.fields, table: table)
  }

  /// Whether every line goes to every sink and nothing need be asked.
  var selectsAll: Bool { nodes.count == 1 && rules.isEmpty }

  private static func flat(_ branch: BranchPlan) -> [BranchPlan] { [branch] + branch.branches.flatMap(flat) }

  private mutating func add(
    _ branch: BranchPlan, depth: Int, kinds: [[Bool]], places: [Pattern: Int], isScanned: [Bool]
  ) {
    let place = nodes.count
    let firstColumn = columns.count
    for (column, kind) in kinds.enumerated() where kind[place] { columns.append(column) }
    let firstRule = rules.count
    for rule in branch.rules {
      let matches = list(rule.matches.compactMap { places[$0] }, isScanned: isScanned)
      let excludes = list(rule.excludes.compactMap { places[$0] }, isScanned: isScanned)
      rules.append(Rule(matches: matches, excludes: excludes))
    }
    nodes.append(
      Node(rules: firstRule..<rules.count, columns: firstColumn..<columns.count, end: place + 1, depth: depth))
    levelCount = max(levelCount, depth + 1)
    for inner in branch.branches { add(inner, depth: depth + 1, kinds: kinds, places: places, isScanned: isScanned) }
    nodes[place].end = nodes.count
  }

  private mutating func list(_ list: [Int], isScanned: [Bool]) -> PatternList {
    let first = patterns.count
    patterns += list
    ranks += list.indices.map { Rank(pattern: list[$0], place: first + $0) }.sorted { $0.pattern < $1.pattern }
    return PatternList(places: first..<patterns.count, isScanned: list.allSatisfy { isScanned[$0] })
  }

  /// The first place in `patterns` at which a list has a pattern of the table.
  func place(of pattern: Int, in list: PatternList) -> Int? {
    var low = list.places.lowerBound
    var high = list.places.upperBound
    while low < high {
      let middle = (low + high) / 2
      if ranks[middle].pattern < pattern { low = middle + 1 } else { high = middle }
    }
    return low < list.places.upperBound && ranks[low].pattern == pattern ? ranks[low].place : nil
  }

  private mutating func addFields(_ names: [String], table: PatternTable) {
    fieldsOfPattern = Array(repeating: 0..<0, count: patterns.count)
    for place in rules.flatMap(\.matches.places) {
      let first = fields.count
      for group in table.patterns[patterns[place]].groups {
        guard let field = names.firstIndex(of: group.name) else { continue }
        fields.append(Field(field: field, numbers: group.numbers))
      }
      fieldsOfPattern[place] = first..<fields.count
    }
  }
}
