import CSQLite

/// An agent's database, read beside it.
///
/// Rows of `matches` are read once, as they are only added. A database that was made anew is read anew.
final class ScenarioStore {
  let path: String
  private let logs: String
  private let witnessPipeline: String
  private var connection: OpaquePointer?
  private let databases: any StageDatabases
  /// As the connection sees it.
  private var moment: StoreMoment?
  private var known: [StoredLine] = []
  private var lastID: Int64 = 0

  /// - Parameters:
  ///   - logs: the folder whose paths are shown without it.
  ///   - witnessPipeline: whose rows are not the scenario's.
  init(path: String, on databases: any StageDatabases, logs: String, without witnessPipeline: String = "") {
    self.path = path
    self.databases = databases
    self.logs = logs
    self.witnessPipeline = witnessPipeline
  }

  deinit { sqlite3_close(connection) }

  func lines() throws -> [StoredLine] {
    guard try isOpen() else { return [] }
    let sql = """
      SELECT id, pipeline, path, offset, coalesce(raw, line) FROM matches
      WHERE id > \(lastID) AND pipeline <> '\(witnessPipeline)' ORDER BY id
      """
    try query(sql) { row in
      lastID = sqlite3_column_int64(row, 0)
      known.append(
        StoredLine(file: file(row, 1), offset: Int(sqlite3_column_int64(row, 3)), bytes: bytes(row, 4)))
    }
    return known
  }

  func gaps() throws -> [StoredGap] {
    guard try isOpen() else { return [] }
    var gaps: [StoredGap] = []
    try query("SELECT first, pipeline, path, last, reason FROM gaps WHERE pipeline <> '\(witnessPipeline)'") { row in
      let range = Int(sqlite3_column_int64(row, 0))...Int(sqlite3_column_int64(row, 3))
      gaps.append(StoredGap(file: file(row, 1), range: range, reason: text(row, 4)))
    }
    return gaps
  }

  /// Whether the witness' line is there.
  func hasWitness(_ line: String) throws -> Bool {
    try holds("SELECT count(*) FROM matches WHERE pipeline = '\(witnessPipeline)' AND line = '\(line)'")
  }

  /// Whether every pipeline follows what was there at its first start.
  func haveStarted() throws -> Bool { try holds("SELECT min(started) FROM pipeline") }

  /// Whether a query gives a number that is not 0.
  private func holds(_ sql: String) throws -> Bool {
    guard try isOpen() else { return false }
    var number: Int64 = 0
    try query(sql) { row in number = sqlite3_column_int64(row, 0) }
    return number != 0
  }

  /// - Returns: false while there is no database with tables.
  private func isOpen() throws -> Bool {
    guard let moment = try databases.moment(of: path) else { return false }
    if moment.file != self.moment?.file { (known, lastID) = ([], 0) }
    if moment != self.moment {
      sqlite3_close(connection)
      connection = nil
      self.moment = moment
    }
    if connection == nil { connection = databases.open(path) }
    guard connection != nil else { return false }
    var count: Int64 = 0
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('matches', 'gaps', 'pipeline')"
    do { try query(sql) { row in count = sqlite3_column_int64(row, 0) } } catch { return false }
    return count == 3
  }

  private func query(_ sql: String, _ take: (OpaquePointer?) -> Void) throws {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    var result = sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
    guard result == SQLITE_OK else { throw StageFailure("\(sql): \(String(cString: sqlite3_errmsg(connection)))") }
    result = sqlite3_step(statement)
    while result == SQLITE_ROW {
      take(statement)
      result = sqlite3_step(statement)
    }
    guard result == SQLITE_DONE else { throw StageFailure("\(sql): \(String(cString: sqlite3_errmsg(connection)))") }
  }

  /// From the columns of a pipeline's name and of a path.
  private func file(_ row: OpaquePointer?, _ column: Int32) -> StoredFile {
    let path = text(row, column + 1)
    return StoredFile(
      pipeline: text(row, column), path: path.hasPrefix(logs + "/") ? String(path.dropFirst(logs.count + 1)) : path)
  }

  private func text(_ row: OpaquePointer?, _ column: Int32) -> String {
    String(decoding: bytes(row, column), as: UTF8.self)
  }

  private func bytes(_ row: OpaquePointer?, _ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(row, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(row, column))))
  }
}
