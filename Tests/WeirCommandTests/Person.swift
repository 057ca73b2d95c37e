import CSQLite
import Testing

/// Someone with the sqlite3 shell.
final class Person {
  private var connection: OpaquePointer?

  init(_ path: String) throws {
    try #require(sqlite3_open(path, &connection) == SQLITE_OK)
    sqlite3_busy_timeout(connection, 5000)
  }

  deinit { sqlite3_close(connection) }

  func run(_ sql: String) { #expect(sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK) }
}
