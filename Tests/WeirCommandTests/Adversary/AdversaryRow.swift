/// What one mode came to, as a row of a table.
struct AdversaryRow {
  static let heading = """
    | mode | lines | stored | lost | twice | lost by logrotate | torn | gaps | kills | rotations | lines/s |
    | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
    """

  let mode: RotationMode
  let written: Int
  let stored: Int
  /// Numbers of lines that are in a file, and were not stored.
  let lost: [Int]
  let twice: [Int]
  /// How many lines are in no file any more and were not stored.
  let lostByRotation: Int
  /// Rows that are parts of lines.
  let torn: Int
  let gaps: [String]
  let counted: Int
  let kills: Int
  let rotations: Int
  let linesPerSecond: Int

  var description: String {
    let figures = [
      written, stored, lost.count, twice.count, lostByRotation, torn, gaps.count, kills, rotations, linesPerSecond,
    ]
    return "| \(mode.rawValue) | \(figures.map(String.init).joined(separator: " | ")) |"
  }

  /// What is not as it has to be.
  var findings: [String] {
    var findings: [String] = []
    if !lost.isEmpty { findings.append("lost: \(Self.ranges(lost))") }
    if !twice.isEmpty { findings.append("twice: \(Self.ranges(twice))") }
    if counted != stored + torn { findings.append("the counter has \(counted) lines, the store \(stored + torn)") }
    if mode.isCopied { return findings }
    if lostByRotation > 0 { findings.append("\(lostByRotation) lines are in no file: the test itself is wrong") }
    if torn > 0 { findings.append("\(torn) parts of lines") }
    if !gaps.isEmpty { findings.append("gaps: \(gaps.prefix(8))") }
    return findings
  }

  private static func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound == number - 1 {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    let shown = ranges.prefix(8).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    return shown.joined(separator: " ") + (ranges.count > 8 ? " and \(ranges.count - 8) more ranges" : "")
  }
}
