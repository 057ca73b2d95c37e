/// Adds to and reads rows of `count`.
final class CountTable {
  private let add: Statement
  private let find: Statement
  private let sum: Statement

  init(_ database: Database) throws(SQLiteError) {
    add = try database.prepare(
      """
      INSERT INTO count(counter, pipeline, window, labels, value) VALUES(?1, ?2, ?3, ?4, ?5)
      ON CONFLICT(counter, pipeline, window, labels) DO UPDATE SET value = value + excluded.value
      """)
    find = try database.prepare(
      """
      SELECT p.name, c.labels, c.value FROM pipeline AS p CROSS JOIN count AS c
        ON c.counter = ?1 AND c.pipeline = p.id AND c.window = ?2
      ORDER BY c.value DESC, p.name, c.labels LIMIT ?3
      """)
    sum = try database.prepare(
      """
      SELECT \(Schema.isoTime("?2")), total(c.value), count(*) FROM pipeline AS p CROSS JOIN count AS c
        ON c.counter = ?1 AND c.pipeline = p.id AND c.window = ?2
      """)
  }

  /// Adds `row.value` to what the counter has.
  func add(_ row: CountRow, counter: String, pipeline: Int64) throws(SQLiteError) {
    try add.bind(counter, at: 1)
    try add.bind(pipeline, at: 2)
    try add.bind(row.windowMilliseconds, at: 3)
    try add.bind(row.labels, at: 4)
    try add.bind(row.value, at: 5)
    try add.run()
  }

  /// What the counter has in a window, the most first.
  func all(counter: String, window: Int64, limit: Int64) throws(SQLiteError) -> [CountRow] {
    try find.bind(counter, at: 1)
    try find.bind(window, at: 2)
    try find.bind(limit, at: 3)
    defer { find.reset() }
    var rows: [CountRow] = []
    while try find.step() {
      rows.append(
        CountRow(
          pipeline: find.text(0), windowMilliseconds: window, labels: find.text(1), value: find.integer(2)))
    }
    return rows
  }

  /// What the counter has in a window, all pipelines and labels together.
  func sum(counter: String, window: Int64) throws(SQLiteError) -> CountSum {
    try sum.bind(counter, at: 1)
    try sum.bind(window, at: 2)
    defer { sum.reset() }
    _ = try sum.step()
    return CountSum(window: sum.text(0), lines: sum.integer(1), labelSets: sum.integer(2))
  }
}

/// What a counter has in a window, all pipelines and labels together.
struct CountSum: Equatable {
  /// The window's start, ISO 8601.
  let window: String
  let lines: Int64
  let labelSets: Int64
}
