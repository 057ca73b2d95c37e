import CSQLite
import Glibc

/// Databases on the kernel's disk.
struct KernelDatabases: StageDatabases {
  func moment(of path: String) -> StoreMoment? {
    var status = stat()
    return stat(path, &status) == 0 ? StoreMoment(file: UInt64(status.st_ino)) : nil
  }

  func open(_ path: String) -> OpaquePointer? {
    var connection: OpaquePointer?
    guard sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      sqlite3_close(connection)
      return nil
    }
    sqlite3_busy_timeout(connection, 5000)
    return connection
  }

  /// Writes, while no agent does.
  func change(_ sql: String, in path: String) throws {
    var writer: OpaquePointer?
    defer { sqlite3_close(writer) }
    guard sqlite3_open_v2(path, &writer, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK,
      sqlite3_exec(writer, sql, nil, nil, nil) == SQLITE_OK
    else { throw StageFailure("\(sql): \(String(cString: sqlite3_errmsg(writer)))") }
  }
}
