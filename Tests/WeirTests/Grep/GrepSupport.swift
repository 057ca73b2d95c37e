import SystemPackage

@testable import Weir

/// A batch of these bytes.
func batch(_ bytes: [UInt8]) -> Batch {
  Batch(
    origin: Origin(path: "/test", identity: nil), start: 0, end: UInt64(bytes.count), block: Block(copying: bytes),
    range: 0..<bytes.count, head: .none, marker: .none, readAtMilliseconds: 0)
}

/// A batch of this text.
func batch(_ text: String) -> Batch { batch(Array(text.utf8)) }

/// A pipeline whose fields are all the named groups of its patterns.
func pipeline(
  _ rules: [Rule], sinks: [Int] = [0], branches: [BranchPlan] = []
) throws -> PipelinePlan {
  var fields: [String] = []
  func visit(_ branch: BranchPlan) throws {
    for pattern in branch.rules.flatMap(\.matches) {
      for name in try CompiledPattern(pattern).groupNames where !fields.contains(name) { fields.append(name) }
    }
    for inner in branch.branches { try visit(inner) }
  }
  let trunk = BranchPlan(rules: rules, sinks: sinks, branches: branches)
  try visit(trunk)
  return PipelinePlan(label: PipelineLabel(name: "test", fields: fields), follow: [], trunk: trunk)
}

/// A line that was selected, in a form that tests can write down.
struct Selected: Equatable {
  var text: String
  var match: String
  var captures: [String?]

  init(_ text: String, match: String = "", captures: [String?] = []) {
    self.text = text
    self.match = match
    self.captures = captures
  }
}

/// What a selection of a batch holds.
func selected(_ selection: Selection, in batch: Batch) -> [Selected] {
  batch.withBytes { bytes in
    func text(_ start: Int32, _ end: Int32) -> String { String(decoding: bytes[Int(start)..<Int(end)], as: UTF8.self) }
    return selection.lines.indices.map { place in
      let line = selection.lines[place]
      let captures = (0..<selection.fieldCount).map { field -> String? in
        let capture = selection.capture(line: place, field: field)
        return capture == .none ? nil : text(capture.start, capture.end)
      }
      return Selected(text(line.start, line.end), match: text(line.matchStart, line.matchEnd), captures: captures)
    }
  }
}

/// What one pipeline's sinks get of a text.
func scan(_ plan: PipelinePlan, _ text: String) throws -> [[Selected]] {
  let batch = batch(text)
  let selections = try Scanner(pipelines: [plan]).scan(batch)
  return selections[0].map { selected($0, in: batch) }
}

/// The ranges of lines without their terminators, cut in the plainest way.
func lineRanges(_ bytes: [UInt8]) -> [Range<Int>] {
  var ranges: [Range<Int>] = []
  var start = 0
  for (place, byte) in bytes.enumerated() where byte == 10 {
    ranges.append(start..<(place > start && bytes[place - 1] == 13 ? place - 1 : place))
    start = place + 1
  }
  if start < bytes.count { ranges.append(start..<bytes.count) }
  return ranges
}

/// Pseudo-random numbers that a seed replays (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number below `limit`.
  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

  /// One of these.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}
