/// Finds what the pipelines of one set of files select: batches in, lines for each sink out.
///
/// One scan by Vectorscan marks, for all pipelines at once, the lines in which a pattern may match; PCRE2 says on
/// those lines alone what does. The scan looks for literals that every match of a pattern has (``ScanLiterals``), so
/// it never misses a line that PCRE2 would match. A pipeline that the scan cannot serve is tried on every line.
///
/// Not Sendable: owned by one thread, the scheduler's.
final class Scanner {
  private let table: PatternTable
  private let plan: ScanPlan
  private let rules: [PipelineRules]
  private var selections: [PipelineSelection]
  private let nothing: [[Selection]]
  private var hits: HitList
  private var serial: UInt64 = 0
  private var toldMatchLimits: [Int]
  private var lastLineCount = 0

  /// - Parameter pipelines: those that follow one set of files.
  /// - Throws: ``PatternError`` if a pattern does not compile.
  init(pipelines: [PipelinePlan]) throws(PatternError) {
    var places: [Pattern: Int] = [:]
    var patterns: [Pattern] = []
    func visit(_ branch: BranchPlan) {
      for pattern in branch.rules.flatMap({ $0.matches + $0.excludes }) where places[pattern] == nil {
        places[pattern] = patterns.count
        patterns.append(pattern)
      }
      branch.branches.forEach(visit)
    }
    for pipeline in pipelines { visit(pipeline.trunk) }
    let table = try PatternTable(patterns)
    self.table = table
    plan = ScanPlan(pipelines, places: places, table: table)
    for place in patterns.indices { table.slots[place].isScanned = plan.isScanned[place] }
    rules = pipelines.map { [isScanned = plan.isScanned] in
      PipelineRules($0, places: places, table: table, isScanned: isScanned)
    }
    selections = rules.map { PipelineSelection($0, slots: table.slots) }
    nothing = rules.map { rules in rules.columnOfSink.map { _ in Selection(fieldCount: rules.fieldCount) } }
    hits = HitList(patternCount: patterns.count)
    toldMatchLimits = Array(repeating: 0, count: pipelines.count)
  }

  deinit { hits.free() }

  /// For each pipeline, on how many lines a pattern met a match limit so far.
  var matchLimitCounts: [Int] { selections.map(\.limitedLineCount) }

  /// For each pipeline, on how many lines a pattern met a match limit since the last call; nil if on none.
  func takeNewMatchLimits() -> [Int]? {
    let counts = matchLimitCounts
    defer { toldMatchLimits = counts }
    return counts == toldMatchLimits ? nil : zip(counts, toldMatchLimits).map { $0 - $1 }
  }

  /// The lines for each sink of each pipeline.
  func scan(_ batch: Batch) -> Selections {
    batch.withBytes { bytes in
      guard !bytes.isEmpty else { return Selections([], nothing: nothing) }
      let bounds = LineBounds(bytes)
      hits.begin(in: bounds)
      plan.database?.scan(bytes, into: &hits)
      hits.order()
      return plan.walkers.isEmpty ? scanHits(bounds) : scanLines(bounds)
    }
  }

  /// Tries the pipelines on the lines that the scan reported.
  private func scanHits(_ bounds: LineBounds) -> Selections {
    // Out of the class for as long as they are written to: no check of exclusivity for each line.
    var selections = exchange(&selections, with: [])
    var hits = hits.lines(in: bounds, after: serial)
    while let line = hits.next() { drive(line, &selections) }
    serial = hits.serial
    let taken = selections.indices.compactMap { place in
      selections[place].takeIfAny().map { (pipeline: place, selections: $0) }
    }
    self.selections = selections
    return Selections(taken, nothing: nothing)
  }

  /// Tries the walkers on every line, and the others on those that the scan reported.
  private func scanLines(_ bounds: LineBounds) -> Selections {
    var selections = exchange(&selections, with: [])
    let walkers = plan.walkers.filter { !rules[$0].selectsAll }
    let takesAll = walkers.count < plan.walkers.count
    var all: [Selection.Line] = []
    if takesAll { all.reserveCapacity(lastLineCount) }
    var hits = hits.lines(in: bounds, after: serial)
    var start = 0
    while start < bounds.count {
      let newline = bounds.newline(from: start)
      if takesAll {
        let first = Int32(truncatingIfNeeded: start)
        let end = Int32(truncatingIfNeeded: bounds.contentEnd(start: start, newline: newline))
        all.append(Selection.Line(start: first, end: end, matchStart: first, matchEnd: first))
      }
      if !walkers.isEmpty || hits.isNext(start) {
        let line = hits.line(start: start, newline: newline)
        drive(line, &selections)
        for pipeline in walkers { selections[pipeline].visit(line) }
      }
      start = newline + 1
    }
    serial = hits.serial
    lastLineCount = all.count
    let taken = selections.indices.compactMap { place in
      let selected: [Selection]? =
        if rules[place].selectsAll { selections[place].all(all) } else { selections[place].takeIfAny() }
      return selected.map { (pipeline: place, selections: $0) }
    }
    self.selections = selections
    return Selections(taken, nothing: nothing)
  }

  /// Tries the pipelines that the line's hits drive.
  @inline(__always)
  private func drive(_ line: LineAtHand, _ selections: inout [PipelineSelection]) {
    for hit in line.hits { table.slots[Int(hit.pattern)].hitLine = line.serial }
    for hit in line.hits {
      for place in plan.drivenBy[Int(hit.pattern)] { selections[plan.driven[place]].visit(line) }
    }
  }
}
