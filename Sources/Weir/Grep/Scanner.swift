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
  /// Of a batch that is not scanned to its end.
  private var pause: Pause?

  /// How far a scan is.
  private struct Pause {
    /// Of the next hit.
    var hit = 0
    /// Where the next line begins.
    var start = 0
    /// Every line so far, where a pipeline selects all.
    var all: [Selection.Line] = []
  }

  /// A scan is paused after so long.
  static let sliceNanoseconds: UInt64 = 10_000_000

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

  /// Whether a batch is to be scanned on, before any other.
  var isPaused: Bool { pause != nil }

  /// The lines for each sink of each pipeline.
  func scan(_ batch: Batch) -> Selections { scan(batch, forNanoseconds: nil)! }

  /// The lines for each sink of each pipeline; nil when the time was over before, and the same batch is to be given
  /// again: others have their turn between.
  func scan(_ batch: Batch, forNanoseconds nanoseconds: UInt64?) -> Selections? {
    batch.withBytes { bytes in
      guard !bytes.isEmpty else { return Selections([], nothing: nothing) }
      let bounds = LineBounds(bytes)
      let place = pause.take() ?? begin(bytes, bounds)
      let slice = ScanSlice(nanoseconds: nanoseconds, patience: table.limits.patience)
      return plan.walkers.isEmpty ? scanHits(bounds, from: place, slice) : scanLines(bounds, from: place, slice)
    }
  }

  private func begin(_ bytes: UnsafeRawBufferPointer, _ bounds: LineBounds) -> Pause {
    table.limits.patience.pointee.batch += 1
    hits.begin(in: bounds)
    plan.database?.scan(bytes, into: &hits)
    hits.order()
    return Pause()
  }

  /// Tries the pipelines on the lines that the scan reported.
  private func scanHits(_ bounds: LineBounds, from place: Pause, _ slice: ScanSlice) -> Selections? {
    // Out of the class for as long as they are written to: no check of exclusivity for each line.
    var selections = exchange(&selections, with: [])
    var (hits, slice) = (hits.lines(in: bounds, after: serial, from: place.hit), slice)
    defer {
      serial = hits.serial
      self.selections = selections
    }
    while let line = hits.next() {
      drive(line, &selections)
      guard slice.isOver(after: line) else { continue }
      pause = Pause(hit: hits.place)
      return nil
    }
    return taken(from: &selections)
  }

  /// Tries the walkers on every line, and the others on those that the scan reported.
  private func scanLines(_ bounds: LineBounds, from place: Pause, _ slice: ScanSlice) -> Selections? {
    var selections = exchange(&selections, with: [])
    let walkers = plan.walkers.filter { !rules[$0].selectsAll }
    let takesAll = walkers.count < plan.walkers.count
    var (all, start, slice) = (place.all, place.start, slice)
    if takesAll { all.reserveCapacity(max(all.count, lastLineCount)) }
    var hits = hits.lines(in: bounds, after: serial, from: place.hit)
    defer {
      serial = hits.serial
      self.selections = selections
    }
    while start < bounds.count {
      let newline = bounds.newline(from: start)
      if takesAll {
        let place = Int32(truncatingIfNeeded: start)
        let end = Int32(truncatingIfNeeded: bounds.contentEnd(start: start, newline: newline))
        all.append(Selection.Line(start: place, end: end, matchStart: place, matchEnd: place))
      }
      let first = start
      start = newline + 1
      if walkers.isEmpty && !hits.isNext(first) { continue }
      let line = hits.line(start: first, newline: newline)
      drive(line, &selections)
      for pipeline in walkers { selections[pipeline].visit(line) }
      guard slice.isOver(after: line) else { continue }
      pause = Pause(hit: hits.place, start: start, all: all)
      return nil
    }
    lastLineCount = all.count
    return taken(from: &selections, all: all)
  }

  private func taken(from selections: inout [PipelineSelection], all: [Selection.Line] = []) -> Selections {
    let taken = selections.indices.compactMap { place in
      let lines = rules[place].selectsAll ? selections[place].all(all) : selections[place].takeIfAny()
      return lines.map { (pipeline: place, lineCount: $0.count, selections: $0.selections) }
    }
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
