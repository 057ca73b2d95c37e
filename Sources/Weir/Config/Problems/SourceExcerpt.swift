/// The line that an error points at, with a caret under the place, as compilers show it.
struct SourceExcerpt {
  /// Scalars of a line that are shown at most; a longer line is cut around the caret.
  static let shownScalarsLimit = 120
  /// Scalars that stay before the caret where the line is cut.
  private static let shownBeforeCaret = 60

  private let place: Place

  init(_ place: Place) { self.place = place }

  /// Two lines, each with LF; empty where the file is.
  var rendered: String {
    let source = place.source
    guard !source.scalars.isEmpty else { return "" }
    let (number, column) = source.lineAndColumn(of: place.range.lowerBound)
    let line = source.range(ofLine: number)
    let caret = min(line.lowerBound + column - 1, line.upperBound)
    let shown = window(of: line, around: caret)
    let prefix = shown.lowerBound > line.lowerBound ? "…" : ""
    let suffix = shown.upperBound < line.upperBound ? "…" : ""
    let text = source.scalars[shown].map { $0.displayed }.joined()
    let label = String(number)
    let gutter = String(repeating: " ", count: max(0, 5 - label.count)) + label
    let blank = String(repeating: " ", count: gutter.count)
    let padding = source.scalars[shown.lowerBound..<caret].map { $0.padding }.joined()
    return "\(gutter) | \(prefix)\(text)\(suffix)\n"
      + "\(blank) | \(prefix.isEmpty ? "" : " ")\(padding)\(marker(from: caret, within: shown))\n"
  }

  /// `^`, then `~` under the rest of the place as far as it is on this line.
  private func marker(from caret: Int, within shown: Range<Int>) -> String {
    let end = min(max(place.range.upperBound, caret), shown.upperBound)
    let width = place.source.scalars[caret..<end].reduce(0) { $0 + $1.terminalWidth }
    return "^" + String(repeating: "~", count: max(0, width - 1))
  }

  private func window(of line: Range<Int>, around caret: Int) -> Range<Int> {
    guard line.count > Self.shownScalarsLimit else { return line }
    let start = min(
      max(line.lowerBound, caret - Self.shownBeforeCaret), line.upperBound - Self.shownScalarsLimit)
    return start..<(start + Self.shownScalarsLimit)
  }
}

extension Unicode.Scalar {
  fileprivate var displayed: String { self == "\t" ? "\t" : harmless }
  fileprivate var padding: String { self == "\t" ? "\t" : String(repeating: " ", count: terminalWidth) }
}
