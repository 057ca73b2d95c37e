import SystemPackage

@testable import Weir

/// What is wrong with what was stored, as sentences.
struct Verdict {
  /// What may be amiss beyond what the oracle excuses.
  enum Leniency {
    case none
    /// Lines come at least once.
    case repeats
    /// Lines come at most once: nobody asked for them all the time.
    case misses
  }

  private(set) var faults: [String] = []

  /// - Parameters:
  ///   - isFiltered: whether only kept lines were asked for.
  init(
    _ oracle: Oracle, stored: Stored, gaps: [Stored.GapRow], isFiltered: Bool, name: String,
    _ leniency: Leniency = .none
  ) {
    let expected = oracle.lines.filter { $0.isKept || !isFiltered }
    let byText = Dictionary(uniqueKeysWithValues: oracle.lines.map { ($0.text, $0) })
    var counts: [String: Int] = [:]
    for row in stored.rows {
      counts[row.line, default: 0] += 1
      if byText[row.line] != nil || row.line.hasPrefix("banner ") { continue }
      // A printer does not say where a line is from: what it gives may be a part of many.
      if row.path == "", isPart(row.line, of: oracle) { continue }
      if let line = lineWithoutBeginning(row, oracle) {
        counts[line.text, default: 0] += 1
      } else if !isPart(row.line, of: oracle), !isBeginning(row.line, of: oracle, before: gaps) {
        faults.append("\(name): nobody wrote the line \(row.line.prefix(40)) of \(row.path) at \(row.offset)")
      }
    }
    for line in expected {
      let count = counts[line.text] ?? 0
      let what = "\(line.text.prefix(12)) of \(line.path), file \(line.file) at \(line.offset)"
      if count > 1, !line.mayRepeat, leniency != .repeats {
        let places = stored.rows.filter { $0.line == line.text }.map { "\($0.path) at \($0.offset)" }
        faults.append("\(name): \(count) times: \(what), stored as \(places.joined(separator: " and "))")
      }
      guard count == 0, leniency != .misses, !isGivenInParts(line.text, stored, oracle) else { continue }
      switch line.excuse {
      case nil: faults.append("\(name): lost: \(what)")
      case .unseen: break
      case .unrecorded:
        if !gaps.contains(where: { Self.isOf(line, $0) }) { faults.append("\(name): lost in silence: \(what)") }
      case .lost:
        if !isSaid(line, by: gaps) { faults.append("\(name): lost in silence: \(what)") }
      }
    }
    if isFiltered {
      for line in oracle.lines where !line.isKept && counts[line.text] != nil {
        faults.append("\(name): not asked for: \(line.text.prefix(12))")
      }
    }
    if leniency != .repeats { faults += disorder(stored, byText, name) }
  }

  private static func isOf(_ line: WrittenLine, _ gap: Stored.GapRow) -> Bool {
    gap.path == line.path.string || line.openedNames.contains { $0.string == gap.path }
  }

  /// Whether gaps name all bytes of a line, or those behind its beginning, which was read; one gap may end where the
  /// next begins.
  private func isSaid(_ line: WrittenLine, by gaps: [Stored.GapRow]) -> Bool {
    let gaps = gaps.filter { Self.isOf(line, $0) && $0.first < line.end }.sorted { $0.first < $1.first }
    func areSaid(_ start: Int) -> Bool {
      var next = start
      for gap in gaps where gap.first <= next {
        // One byte: how much it was is not known.
        let isOpen = gap.first == gap.last || gap.reason == "lost_in_rotation" || gap.reason == "replaced"
        if isOpen || gap.last >= line.end - 1 { return true }
        next = max(next, gap.last + 1)
      }
      return false
    }
    return areSaid(line.offset) || gaps.contains { $0.first > line.offset && areSaid($0.first) }
  }

  /// Whether it is the beginning of a line that was read in pieces, the rest of which is a gap.
  private func isBeginning(_ text: String, of oracle: Oracle, before gaps: [Stored.GapRow]) -> Bool {
    oracle.lines.contains { line in
      line.text.hasPrefix(text)
        && gaps.contains { $0.path == line.path.string && $0.first == line.offset + text.utf8.count }
    }
  }

  /// The line that it is, without the first bytes.
  private func lineWithoutBeginning(_ row: Stored.Row, _ oracle: Oracle) -> WrittenLine? {
    oracle.lines.first { line in
      let count = line.text.utf8.count - row.line.utf8.count
      // A printer does not say where a line is from.
      return line.text.hasSuffix(row.line) && (row.path == "" || row.offset == count) && oracle.mayLack(count, of: line)
    }
  }

  /// Whether it is a part of a line that came in pieces.
  private func isPart(_ text: String, of oracle: Oracle) -> Bool {
    (oracle.torn + oracle.pieced).contains { $0.contains(text) || "\($0)\r".hasSuffix(text) }
  }

  /// Whether a line that came in pieces was given out before it was whole.
  private func isGivenInParts(_ text: String, _ stored: Stored, _ oracle: Oracle) -> Bool {
    oracle.pieced.contains(text) && stored.rows.contains { $0.line != text && text.hasPrefix($0.line) && $0.line != "" }
  }

  /// The lines of one file are stored in its order.
  private func disorder(_ stored: Stored, _ byText: [String: WrittenLine], _ name: String) -> [String] {
    var last: [[Int]: Int] = [:]
    var found: [String] = []
    for row in stored.rows {
      guard let line = byText[row.line], !line.mayRepeat else { continue }
      if let former = last[[line.file, line.generation]], former > line.offset {
        found.append("\(name): out of order: \(line.text.prefix(12)) of file \(line.file)")
      }
      last[[line.file, line.generation]] = line.offset
    }
    return found
  }
}
