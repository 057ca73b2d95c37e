import Coroutines
import Synchronization
import SystemPackage

/// Moves the `-wal` of a database to it, and syncs it, by a connection and a thread of its own: so that a store commits
/// meanwhile. Both take the time of an fsync(2), or of many, in which a hundred thousand lines are written.
///
/// Called by the database's store; ``end()`` is called before the store's own connection is closed.
final class WALMover: Sendable {
  /// Owned by whoever holds the lock.
  private struct Connection: @unchecked Sendable {
    var database: Database?
    var isOver = false
  }

  private let path: FilePath
  private let disk: any StoreDisk
  private let thread = Offload(name: "store wal")
  private let connection = Mutex(Connection())
  private let isMoving = Atomic(false)
  private let hasMoved = Atomic(false)
  private let moved = Atomic(0)

  init(_ path: FilePath, on disk: any StoreDisk) {
    self.path = path
    self.disk = disk
  }

  /// Whether it moves now, and how many pages of the `-wal`, from its beginning, it has moved.
  var sight: WALPace.MoverSight {
    .init(isBusy: isMoving.load(ordering: .acquiring), movedPages: moved.load(ordering: .acquiring))
  }

  /// Whether it has moved before. Until then it holds no descriptors, which may be few.
  var isInUse: Bool { hasMoved.load(ordering: .acquiring) }

  /// The `-wal` was begun anew, as all of it was moved.
  func noteBegunAnew() { moved.store(0, ordering: .releasing) }

  /// Begins to move what is committed, as far as that is possible without waiting for anyone. What cannot be moved now
  /// is later: nothing depends on it but the size of the `-wal`.
  func begin() {
    guard !isMoving.exchange(true, ordering: .acquiring) else { return }
    hasMoved.store(true, ordering: .releasing)
    thread.begin { [self] in
      CrashPoint.reached("store.before_wal_checkpoint")
      // Where its connection cannot be opened, as with too few descriptors, the store moves all itself in the end.
      if let pages = try? withDatabase({ $0.moveWAL() }) { moved.store(pages, ordering: .releasing) }
      CrashPoint.reached("store.after_wal_checkpoint")
      isMoving.store(false, ordering: .releasing)
    }
  }

  /// Returns when it does not move.
  func wait() { connection.withLock { _ in } }

  /// Makes what was committed outlive a power cut.
  func sync() async throws {
    try await thread.run { try self.withDatabase { try $0.syncWAL() } }
  }

  /// Closes its connection, when it does not move.
  func end() {
    connection.withLock { connection in
      connection.database = nil
      connection.isOver = true
    }
  }

  private func withDatabase<Value: Sendable>(_ body: (Database) throws -> Value) throws -> Value? {
    try connection.withLock { connection in
      if connection.isOver { return nil }
      let database = try connection.database ?? open()
      connection.database = database
      return try body(database)
    }
  }

  private func open() throws(SQLiteError) -> Database {
    let database = try Database(opening: path, on: disk)
    try database.execute("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0")
    try database.keepSideFiles()
    try database.leaveFilesOnClose(true)
    _ = try database.integer("PRAGMA schema_version")  // the `-wal` is opened with the first look
    return database
  }
}
