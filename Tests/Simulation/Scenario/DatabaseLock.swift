import CSQLite

/// Another writer that holds a database, until its last reference goes.
final class DatabaseLock {
  private var connection: OpaquePointer?

  init(_ path: String) throws {
    guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
      throw StageFailure("cannot open \(path)")
    }
    sqlite3_busy_timeout(connection, 10_000)
    guard sqlite3_exec(connection, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_OK else {
      throw StageFailure("cannot lock \(path): \(String(cString: sqlite3_errmsg(connection)))")
    }
  }

  deinit { sqlite3_close(connection) }
}
