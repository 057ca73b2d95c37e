/// What one pipeline selects in one batch: walks its rules for each line and keeps the lines for each sink.
struct PipelineSelection {
  private let rules: PipelineRules
  private let slots: UnsafeMutablePointer<PatternTable.Slot>
  private var columns: [Selection]
  /// The captures of the route at hand: a row for each level of branches, each holding what the outer ones have.
  private var rows: [Selection.Capture]
  /// How many lines met a match limit, in all batches.
  private(set) var limitedLineCount = 0
  private var isLimited = false
  /// How many lines were selected that were not taken; one that several sinks get is one.
  private var lineCount = 0
  private var lastLine: UInt64 = 0
  private var lastSelectedLine: UInt64 = 0
  private var lastLineCounts: [Int]

  /// - Precondition: `slots` outlive this.
  init(_ rules: PipelineRules, slots: UnsafeMutablePointer<PatternTable.Slot>) {
    self.rules = rules
    self.slots = slots
    columns = []
    rows = Array(repeating: .none, count: rules.levelCount * rules.fieldCount)
    lastLineCounts = Array(repeating: 0, count: rules.columnCount)
    begin()
  }

  /// Forgets the lines of the last batch.
  private mutating func begin() {
    columns.removeAll(keepingCapacity: true)
    for count in lastLineCounts {
      var selection = Selection(fieldCount: rules.fieldCount)
      // Batches of one file are alike.
      selection.lines.reserveCapacity(count)
      selection.captures.reserveCapacity(count * rules.fieldCount)
      columns.append(selection)
    }
  }

  /// The lines for each sink, in the order of `PipelinePlan.sinks`; then there are none. nil where there are none.
  @inline(__always)
  mutating func takeIfAny() -> (count: Int, selections: [Selection])? { lineCount > 0 ? take() : nil }

  private mutating func take() -> (count: Int, selections: [Selection]) {
    let count = lineCount
    lineCount = 0
    for column in columns.indices { lastLineCounts[column] = columns[column].lines.count }
    let taken = rules.columnOfSink.map { columns[$0] }
    begin()
    return (count, taken)
  }

  /// Every line, for each sink.
  func all(_ lines: [Selection.Line]) -> (count: Int, selections: [Selection])? {
    if lines.isEmpty { return nil }
    let selection = Selection(
      lines: lines, captures: Array(repeating: .none, count: lines.count * rules.fieldCount),
      fieldCount: rules.fieldCount)
    return (lines.count, rules.columnOfSink.map { _ in selection })
  }

  /// Tries the rules on a line, once; lines come in the order of the file.
  mutating func visit(_ line: LineAtHand) {
    guard lastLine != line.serial else { return }
    lastLine = line.serial
    isLimited = false
    visit(node: 0, line, match: nil)
    if isLimited { limitedLineCount += 1 }
  }

  private mutating func visit(node place: Int, _ line: LineAtHand, match: Range<Int>?) {
    let node = rules.nodes[place]
    var match = match
    enter(level: node.depth)
    for rule in node.rules where !selects(rules.rules[rule], line, level: node.depth, match: &match) { return }
    for place in node.columns { select(line, match: match, column: rules.columns[place], level: node.depth) }
    var inner = place + 1
    while inner < node.end {
      visit(node: inner, line, match: match)
      inner = rules.nodes[inner].end
    }
  }

  private mutating func enter(level: Int) {
    let width = rules.fieldCount
    for field in 0..<width { rows[level * width + field] = level == 0 ? .none : rows[(level - 1) * width + field] }
  }

  private mutating func selects(
    _ rule: PipelineRules.Rule, _ line: LineAtHand, level: Int, match: inout Range<Int>?
  ) -> Bool {
    let matching = firstMatch(of: rule.matches, line)
    guard matching != nil || rule.matches.places.isEmpty else { return false }
    guard firstMatch(of: rule.excludes, line) == nil else { return false }
    if let matching {
      if match == nil { match = slots[rules.patterns[matching]].matcher.matchedRange }
      capture(matching, line, level: level)
    }
    return true
  }

  /// The place in `rules.patterns` of the first pattern of a list that matches.
  private mutating func firstMatch(of list: PipelineRules.PatternList, _ line: LineAtHand) -> Int? {
    guard list.isScanned && line.hits.count < list.places.count else {
      for place in list.places where isMatch(rules.patterns[place], line) { return place }
      return nil
    }
    var first: Int?
    for hit in line.hits {
      guard let place = rules.place(of: Int(hit.pattern), in: list), place < first ?? Int.max else { continue }
      if isMatch(Int(hit.pattern), line) { first = place }
    }
    return first
  }

  private mutating func isMatch(_ pattern: Int, _ line: LineAtHand) -> Bool {
    switch slots.outcome(of: pattern, in: line) {
    case .matched: return true
    case .notMatched: return false
    case .limited:
      isLimited = true
      return false
    }
  }

  /// What the groups of the pattern at this place of `rules.patterns` captured, into fields that the route has not
  /// filled yet.
  private mutating func capture(_ place: Int, _ line: LineAtHand, level: Int) {
    let matcher = slots[rules.patterns[place]].matcher
    for field in rules.fields[rules.fieldsOfPattern[place]] {
      let cell = level * rules.fieldCount + field.field
      guard rows[cell] == .none, let range = matcher.captured(by: field.numbers) else { continue }
      rows[cell] = Selection.Capture(
        start: Int32(truncatingIfNeeded: line.start + range.lowerBound),
        end: Int32(truncatingIfNeeded: line.start + range.upperBound))
    }
  }

  private mutating func select(_ line: LineAtHand, match: Range<Int>?, column: Int, level: Int) {
    let width = rules.fieldCount
    let start = Int32(truncatingIfNeeded: line.start)
    if let last = columns[column].lines.last, last.start == start {
      // By another route before: fields that it left empty.
      let row = columns[column].captures.count - width
      for field in 0..<width where columns[column].captures[row + field] == .none {
        columns[column].captures[row + field] = rows[level * width + field]
      }
      return
    }
    let match = match ?? 0..<0
    if lastSelectedLine != line.serial {
      lastSelectedLine = line.serial
      lineCount += 1
    }
    columns[column].lines.append(
      Selection.Line(
        start: start, end: Int32(truncatingIfNeeded: line.start + line.content.count),
        matchStart: Int32(truncatingIfNeeded: line.start + match.lowerBound),
        matchEnd: Int32(truncatingIfNeeded: line.start + match.upperBound)))
    for field in 0..<width { columns[column].captures.append(rows[level * width + field]) }
  }
}
