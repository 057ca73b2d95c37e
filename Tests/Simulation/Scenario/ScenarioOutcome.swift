/// Holds what the store has against what a scenario expects.
struct ScenarioOutcome {
  private var wanted: [StoredFile: [[[UInt8]]]] = [:]
  private var gaps: [StoredGap] = []
  private var sentences: [String] = []

  init(_ expectations: [Expectation]) {
    for expectation in expectations {
      switch expectation {
      case .lines(let lines, let file): wanted[file, default: []].append(lines)
      case .gap(let gap): gaps.append(gap)
      case .said(let sentence): sentences.append(sentence)
      }
    }
  }

  /// Everything that is not as it has to be.
  ///
  /// - Parameter isWhole: whether all that is in the files is expected, so that lines have to join.
  func problems(lines: [StoredLine], gaps: [StoredGap], log: [String], isWhole: Bool) -> [String] {
    var problems: [String] = []
    let stored = Dictionary(grouping: lines, by: \.file)
    for file in Set(stored.keys).union(wanted.keys).sorted(by: { "\($0)" < "\($1)" }) {
      let texts = (stored[file] ?? []).map(\.bytes)
      problems += Self.differences(of: texts, from: wanted[file] ?? []).map { "\(file): \($0)" }
      if isWhole { problems += Self.seams(of: stored[file] ?? [], gaps.filter { $0.file == file }) }
    }
    problems += Self.left(gaps, without: self.gaps).map { "a gap that is not expected: \($0)" }
    problems += Self.left(self.gaps, without: gaps).map { "a gap is missing: \($0)" }
    for sentence in sentences where !log.contains(where: { $0.contains(sentence) }) {
      problems.append("not said: \(sentence)")
    }
    for line in log where line.hasPrefix("error: ") && !sentences.contains(where: line.contains) {
      problems.append("said: \(line)")
    }
    return problems
  }

  /// What is wrong with the lines of one file; they have to be the sequences, shuffled into each other.
  private static func differences(of lines: [[UInt8]], from sequences: [[[UInt8]]]) -> [String] {
    let all = Array(sequences.joined())
    let missing = left(all, without: lines)
    let surplus = left(lines, without: all)
    var problems: [String] = []
    if !missing.isEmpty { problems.append("not stored: \(shown(missing))") }
    if !surplus.isEmpty { problems.append("stored and not expected, or twice: \(shown(surplus))") }
    if problems.isEmpty, !Shuffle(sequences).makes(lines) {
      problems.append("not in order: \(shown(lines))")
    }
    return problems
  }

  /// A line begins where another, or a gap, ended, or at the start of the file; a byte order mark may stand there.
  private static func seams(of lines: [StoredLine], _ gaps: [StoredGap]) -> [String] {
    var ends: Set<Int> = [0, 3]
    // Of a terminator it is not known whether it is none, LF or CRLF.
    for line in lines { ends.formUnion((0...2).map { line.offset + line.bytes.count + $0 }) }
    for gap in gaps { ends.formUnion((1...3).map { gap.range.upperBound + $0 }) }
    return lines.filter { !ends.contains($0.offset) }.map {
      "\($0.file): nothing is stored of the bytes before \($0.offset), where \(shown($0.bytes)) begins"
    }
  }

  /// Of `lines` those that `others` has not, or not so often.
  static func missing(_ lines: [[UInt8]], among others: [[UInt8]]) -> [[UInt8]] { left(lines, without: others) }

  private static func left<Value: Hashable>(_ values: [Value], without others: [Value]) -> [Value] {
    var counts: [Value: Int] = [:]
    for other in others { counts[other, default: 0] += 1 }
    return values.filter { value in
      guard let count = counts[value], count > 0 else { return true }
      counts[value] = count - 1
      return false
    }
  }

  static func shown(_ lines: [[UInt8]]) -> String {
    let first = lines.prefix(10).map { shown($0) }.joined(separator: " | ")
    return lines.count > 10 ? "\(first) … (\(lines.count))" : first
  }

  static func shown(_ line: [UInt8]) -> String {
    let text = String(decoding: line.prefix(60), as: UTF8.self)
    return text.debugDescription + (line.count > 60 ? "… (\(line.count) bytes)" : "")
  }
}

extension Scenario {
  /// Whether every byte of the followed files is either stored or a gap.
  var storesAll: Bool {
    var configs = [config]
    for step in steps {
      switch step.action {
      case .reload(let config, isTaken: true), .hangUp(let config): configs.append(config)
      default: break
      }
    }
    return configs.allSatisfy { !$0.yaml.contains("grep:") && $0.yaml.contains("from: beginning") }
  }
}

/// Sequences whose elements come in any order among each other, but each in its own.
struct Shuffle {
  private let sequences: [[[UInt8]]]

  init(_ sequences: [[[UInt8]]]) { self.sequences = sequences.filter { !$0.isEmpty } }

  /// Whether `lines` is one of them. Where lines of two sequences are the same, both ways are tried.
  func makes(_ lines: [[UInt8]]) -> Bool {
    var waiting = [Array(repeating: 0, count: sequences.count)]
    for line in lines {
      var next: Set<[Int]> = []
      for places in waiting {
        for (index, sequence) in sequences.enumerated()
        where places[index] < sequence.count && sequence[places[index]] == line {
          var moved = places
          moved[index] += 1
          next.insert(moved)
        }
      }
      waiting = Array(next)
      if waiting.isEmpty { return false }
    }
    return waiting.contains { zip($0, sequences).allSatisfy { $0 == $1.count } }
  }
}
