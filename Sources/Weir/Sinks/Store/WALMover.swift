import Coroutines
import Logging
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
    /// Whether it was said why there is none.
    var hasSaidTrouble = false
  }

  /// How many pages of which `-wal`, from its beginning, are moved.
  private struct Extent {
    var wal = 0
    var pages = 0
  }

  private let path: FilePath
  private let disk: any StoreDisk
  private let log: Logger
  private let thread = Offload(name: "store wal")
  private let connection = Mutex(Connection())
  private let isMoving = Atomic(false)
  private let isOpen = Atomic(false)
  private let extent = Mutex(Extent())

  init(_ path: FilePath, on disk: any StoreDisk, log: Logger) {
    self.path = path
    self.disk = disk
    self.log = log
  }

  /// Whether it moves now, and how many pages of the `-wal`, from its beginning, are moved.
  var sight: WALPace.MoverSight {
    .init(isBusy: isMoving.load(ordering: .acquiring), movedPages: extent.withLock(\.pages))
  }

  /// Whether it has its connection. Until it has moved it holds no descriptors, which may be few.
  var isInUse: Bool { isOpen.load(ordering: .acquiring) }

  /// How many times the `-wal` was begun anew.
  var wal: Int { extent.withLock(\.wal) }

  /// The `-wal` was begun anew, as all of it was moved.
  func noteBegunAnew() { extent.withLock { $0 = Extent(wal: $0.wal + 1) } }

  /// So many pages are moved.
  ///
  /// - Parameter wal: what ``wal`` was before: if it is another by now, they are none of that one.
  func note(moved pages: Int, of wal: Int) {
    extent.withLock { if $0.wal == wal { $0.pages = max($0.pages, pages) } }
  }

  /// Begins to move what is committed, as far as that is possible without waiting for anyone. What cannot be moved now
  /// is later: nothing depends on it but the size of the `-wal`.
  func begin() {
    guard !isMoving.exchange(true, ordering: .acquiring) else { return }
    thread.begin { [self] in
      CrashPoint.reached("store.before_wal_checkpoint")
      move()
      CrashPoint.reached("store.after_wal_checkpoint")
      isMoving.store(false, ordering: .releasing)
    }
  }

  private func move() {
    let wal = wal
    do {
      if let pages = try withDatabase({ $0.moveWAL() }) { note(moved: pages, of: wal) }
    } catch {
      let isNew = connection.withLock { connection in
        defer { connection.hasSaidTrouble = true }
        return !connection.hasSaidTrouble
      }
      let most = WALPace.mostBytes >> 20
      let words = "database \(path): its -wal cannot be moved while lines are stored: \(error)"
      if isNew { log.warning("\(words); it grows to \(most) MiB, and then lines wait until it is moved") }
    }
  }

  /// As ``begin()``, after what it moves now.
  ///
  /// - Throws: `CancellationError`.
  func moveOn() async throws {
    try await thread.run { [self] in
      isMoving.store(true, ordering: .releasing)
      move()
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
      isOpen.store(true, ordering: .releasing)
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
