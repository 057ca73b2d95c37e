/// What was measured of an operation, in all rounds.
struct Row {
  let name: String
  private(set) var samples: [Double] = []

  init(_ name: String) { self.name = name }

  var median: Double { samples.sorted()[samples.count / 2] }

  mutating func add(_ nanoseconds: Double) { samples.append(nanoseconds) }
}

/// Rows in the order in which their names came first.
struct Table {
  private(set) var rows: [Row] = []

  mutating func add(_ nanoseconds: Double, to name: String) {
    let place = rows.firstIndex { $0.name == name } ?? rows.endIndex
    if place == rows.endIndex { rows.append(Row(name)) }
    rows[place].add(nanoseconds)
  }

  func median(of operation: Operation) -> Double { rows.first { $0.name == operation.name }!.median }

  /// As Markdown, that can be read as it is too.
  func markdown(unit: Row) -> String {
    let heads = ["operation", "ns (median)", "min-max", "times a `send`"]
    let cells = rows.map { row in
      let (least, most) = (row.samples.min()!, row.samples.max()!)
      return [row.name, whole(row.median), "\(whole(least))-\(whole(most))", tenths(row.median / unit.median)]
    }
    let widths = heads.indices.map { column in ([heads] + cells).map { $0[column].count }.max()! }
    let lines = widths.enumerated().map { $0 == 0 ? line(of: $1) : line(of: $1 - 1) + ":" }
    return ([padded(heads, to: widths), padded(lines, to: widths)] + cells.map { padded($0, to: widths) })
      .joined(separator: "\n")
  }

  private func line(of width: Int) -> String { String(repeating: "-", count: width) }

  private func padded(_ cells: [String], to widths: [Int]) -> String {
    let fields = zip(cells, widths).enumerated().map { column, field in
      let space = String(repeating: " ", count: field.1 - field.0.count)
      return column == 0 ? field.0 + space : space + field.0
    }
    return "| " + fields.joined(separator: " | ") + " |"
  }
}

/// `number` without a fraction.
func whole(_ number: Double) -> String { String(Int(number.rounded())) }

/// `number` with one digit of its fraction, or none where it is large.
private func tenths(_ number: Double) -> String {
  number >= 100 ? whole(number) : String((number * 10).rounded() / 10)
}
