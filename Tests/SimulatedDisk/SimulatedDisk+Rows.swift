import CSQLite
import SystemPackage

extension SimulatedDisk {
  /// SQLite said no to a question of a test.
  package struct QueryFailure: Error, CustomStringConvertible {
    package let description: String
  }

  /// The rows of a query as texts, `NULL` for NULL: what the next process would find.
  ///
  /// It is asked of a copy, so that the disk, its locks and the count of its operations stay as they are.
  package func rows(_ sql: String, of path: FilePath) throws -> [[String]] {
    let copy = SimulatedDisk(cloning: self)
    var handle: OpaquePointer?
    defer { withExtendedLifetime(copy) { _ = sqlite3_close(handle) } }
    let opened = sqlite3_open_v2(path.string, &handle, SQLITE_OPEN_READWRITE, copy.vfsName)
    guard opened == SQLITE_OK, let handle else { throw QueryFailure(description: "\(path): not opened (\(opened))") }
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw QueryFailure(description: "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
    }
    var rows: [[String]] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_DONE: return rows
      case SQLITE_ROW: rows.append(Self.columns(of: statement))
      default: throw QueryFailure(description: "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
      }
    }
  }

  private static func columns(of statement: OpaquePointer) -> [String] {
    (0..<sqlite3_column_count(statement)).map { column in
      sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
    }
  }
}
