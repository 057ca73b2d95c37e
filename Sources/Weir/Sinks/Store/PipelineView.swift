/// The view of a pipeline: its matches, with a column for each field.
struct PipelineView {
  /// Columns that every such view has.
  static let fixedColumns = ["id", "time", "path", "offset", "line"]

  /// The pipeline's name, which is the view's.
  let name: String
  /// The statement that makes it: the same text for the same pipeline, so that a difference means a change.
  let sql: String

  /// The view of `label`, whose rows carry the number `id`.
  init(of label: PipelineLabel, id: Int64) {
    name = label.name
    let columns = zip(label.fields, Self.columnNames(for: label.fields)).map { field, column in
      ",\n  json_extract(m.fields, \(Self.literal("$.\"\(field)\""))) AS \(Self.quoted(column))"
    }
    sql = """
      CREATE VIEW \(Self.quoted(label.name)) AS
      SELECT m.id AS id, \(Schema.isoTime("m.time")) AS time, f.path AS path, m.offset AS offset,
        m.line AS line\(columns.joined())
      FROM match AS m CROSS JOIN file AS f ON f.id = m.file
      WHERE m.pipeline = \(id) AND m.kind = 0
      """
  }

  /// Columns for fields, in their order: a name that is taken (SQL does not regard case) gets a trailing `_`,
  /// and another until it is free.
  static func columnNames(for fields: [String]) -> [String] {
    var taken = Set(fixedColumns)
    return fields.map { field in
      var column = field
      while !taken.insert(column.lowercased()).inserted { column += "_" }
      return column
    }
  }

  /// `name` as an SQL identifier, whatever it holds.
  static func quoted(_ name: String) -> String { "\"" + doubling("\"", in: name) + "\"" }

  /// `text` as an SQL string, whatever it holds.
  static func literal(_ text: String) -> String { "'" + doubling("'", in: text) + "'" }

  private static func doubling(_ quote: Unicode.Scalar, in text: String) -> String {
    var doubled = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      doubled.append(scalar)
      if scalar == quote { doubled.append(scalar) }
    }
    return String(doubled)
  }
}
