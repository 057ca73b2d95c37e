/// Rows as Markdown, that can be read as it is too.
struct Table {
  private static let heads = ["workload", "figure", "weir", "beside", "ratio", "goal", ""]
  /// Figures stand at the right.
  private static let alignsRight = [false, false, true, true, true, true, false]

  var rows: [Row] = []

  var markdown: String {
    let cells = rows.map(\.cells)
    let widths = Self.heads.indices.map { column in ([Self.heads] + cells).map { $0[column].count }.max()! }
    let lines = zip(widths, Self.alignsRight).map { width, isRight in
      String(repeating: "-", count: max(width - (isRight ? 1 : 0), 1)) + (isRight ? ":" : "")
    }
    return ([Self.heads, lines] + cells).map { padded($0, to: widths) }.joined(separator: "\n")
  }

  private func padded(_ cells: [String], to widths: [Int]) -> String {
    let fields = cells.indices.map { column in
      let space = String(repeating: " ", count: max(widths[column] - cells[column].count, 0))
      return Self.alignsRight[column] ? space + cells[column] : cells[column] + space
    }
    return "| " + fields.joined(separator: " | ") + " |"
  }
}
