import CSQLite
import SystemPackage

/// A connection to an SQLite database. Used by one thread at a time: SQLite is opened without its own mutexes.
final class Database {
  /// How long a statement waits for another's lock before it fails with `SQLITE_BUSY`; then it is the
  /// caller's to try again. Short, because a stop has to wait for it.
  static let busyTimeoutMilliseconds: Int32 = 250

  /// Once, before the first is opened. Where another has used SQLite before, it stays as it is, and is slower.
  private static let leavesOutMemoryStatistics = sqlite_leave_out_memory_statistics() == SQLITE_OK

  /// For ``Statement`` and this file alone.
  let handle: OpaquePointer
  /// For SQLite's hook, which has no other way to tell.
  private let walPageCount = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

  /// Opens a file that exists.
  init(opening path: FilePath, on disk: any StoreDisk) throws(SQLiteError) {
    _ = Self.leavesOutMemoryStatistics
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = path.withPlatformString { path in
      if let vfs = disk.vfsName { return vfs.withCString { sqlite3_open_v2(path, &handle, flags, $0) } }
      return sqlite3_open_v2(path, &handle, flags, nil)
    }
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(code, of: handle)
      sqlite3_close_v2(handle)
      throw error
    }
    self.handle = handle
    walPageCount.initialize(to: 0)
    waitForLocks(true)
  }

  /// Whether a statement waits for another's lock, or fails at once.
  func waitForLocks(_ waits: Bool) { sqlite3_busy_timeout(handle, waits ? Self.busyTimeoutMilliseconds : 0) }

  /// Every statement holds its connection, so none is left here.
  deinit {
    sqlite3_close_v2(handle)
    walPageCount.deallocate()
  }

  /// Prepares `sql` to be run often.
  func prepare(_ sql: String) throws(SQLiteError) -> Statement { try Statement(sql, on: self) }

  /// Runs statements that give no rows of interest, one after the other.
  func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw SQLiteError(code, of: handle) }
  }

  /// The first column of the first row as a number; nil without a row, or if it is NULL.
  func integer(_ sql: String) throws(SQLiteError) -> Int64? {
    let statement = try prepare(sql)
    defer { statement.reset() }
    guard try statement.step(), !statement.isNull(0) else { return nil }
    return statement.integer(0)
  }

  /// The first column of the first row as text; nil without a row.
  func text(_ sql: String) throws(SQLiteError) -> String? {
    let statement = try prepare(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) : nil
  }

  /// Whether a transaction is open. SQLite ends one by itself on some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  var changedRows: Int { Int(sqlite3_changes(handle)) }

  /// The rowid of the last insert.
  var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

  /// Whether closing the last connection leaves `-wal` and database as they are: else the one is moved to the other.
  func leaveFilesOnClose(_ leaves: Bool) throws(SQLiteError) {
    let code = sqlite_leave_files_on_close(handle, leaves ? 1 : 0)
    if code != SQLITE_OK { throw SQLiteError(code, of: handle) }
  }

  /// Pages in the `-wal` after the last commit, once they are counted.
  var walPages: Int { Int(walPageCount.pointee) }

  /// Counts pages of the `-wal` from now on, instead of SQLite moving them to the database by itself.
  func countWALPages() {
    sqlite3_wal_hook(
      handle,
      { count, _, _, pages in
        count?.assumingMemoryBound(to: Int32.self).pointee = pages
        return SQLITE_OK
      }, walPageCount)
  }

  /// Moves the pages of the `-wal` to the database, as far as that is possible without waiting for anyone.
  ///
  /// - Returns: how many, from its beginning, are moved now.
  @discardableResult
  func moveWAL() -> Int {
    var moved: Int32 = 0
    sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, nil, &moved)
    return Int(max(0, moved))
  }

  /// Makes what was committed outlive a power cut: fsync(2) on the `-wal`, through SQLite's own handle of it.
  ///
  /// With `synchronous=NORMAL` commits are not synced one by one. They reach the disk in their order, so that what a
  /// power cut takes is always the last ones.
  func syncWAL() throws(SQLiteError) {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let found = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
    if found != SQLITE_OK { throw SQLiteError(found, of: handle) }
    guard let file, let sync = file.pointee.pMethods?.pointee.xSync else { return }  // no `-wal` yet
    let code = sync(file, SQLITE_SYNC_NORMAL)
    if code != SQLITE_OK { throw SQLiteError(code, of: nil) }
  }

  /// Leaves `-wal` and `-shm` in place when the connection is closed, for readers who may not make them.
  func keepSideFiles() throws(SQLiteError) {
    var on: Int32 = 1
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on)
    if code != SQLITE_OK { throw SQLiteError(code, of: handle) }
  }
}
