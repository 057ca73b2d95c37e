import Coroutines
import Logging
import Synchronization
import SystemPackage

/// A database of weir: one connection that writes rows, one thread, one set of prepared statements per file.
///
/// Lives on an executor of its own, which in an agent is a thread, so that SQLite may block there; what is short may be
/// done in its place (`Promptness`), and its `-wal` is moved by another (`WALMover`). Rows and the checkpoint that
/// covers them are one transaction. The methods that throw a ``StoreError`` have done nothing then, not
/// even in part; or, where the disk failed in the middle of a commit, all of it: the same request again finds that out
/// by its checkpoints, and does nothing twice. Only lines of a stream, which has no checkpoint, may then come twice.
///
/// A file that was deleted or replaced meanwhile is noticed before the next transaction: said, made anew, and given
/// the pipelines and checkpoints that this store knows of.
public actor Store {
  /// The file, as ``StoreShelf`` found it: absolute, without symbolic links.
  public nonisolated let path: FilePath
  let log: Logger
  private let executor: any SerialExecutor
  /// The executor, where that lets callers work in its place.
  nonisolated let host: (any HostingExecutor)?
  private let disk: any StoreDisk
  private let schema: Schema
  /// Held as long as the database is open: no other agent writes to it.
  private var lock: StoreLockHold?
  private(set) var connection: StoreConnection?
  var memory = StoreMemory()
  /// Whether it was opened, and not closed since.
  private(set) var isInUse = false
  let care: StoreCare?
  /// Whether what is committed is about to be synced, in a moment or when that works again.
  var isSyncDue = false
  /// Whether a connection that is closed may have committed what is not synced.
  var owesSync = false
  private let clock: any TimeSource
  private let isOneOff: Bool
  /// Whether an error of a request on a caller's thread said that the connection has to be opened again.
  private var isBroken = false
  /// Whether the file was seen at its path just now: the next request need not look.
  private var isSeen = false
  /// Until then nothing is done on a caller's thread, by the clock's monotonic time.
  private var resting: Duration?
  nonisolated let haste: Haste
  /// How often old checkpoints were deleted: what others remember of them, ``missing(_:)`` tells then.
  nonisolated let expiries = Atomic(0)
  /// When old checkpoints were looked for last, by the clock's monotonic time.
  private var lastTidying: Duration?

  /// For ``StoreShelf``, which sees to it that a file has one store.
  init(
    path: FilePath, schema: Schema = .current, log: Logger, disk: any StoreDisk = LinuxDisk(),
    executor: any SerialExecutor = Offload(name: "store"), clock: any TimeSource = SystemClock(),
    care: StoreCare? = nil, isOneOff: Bool = false, haste: Haste = Haste()
  ) {
    self.path = path
    self.schema = schema
    self.log = log
    self.disk = disk
    self.executor = executor
    host = executor as? any HostingExecutor
    self.clock = clock
    self.care = care
    self.isOneOff = isOneOff
    self.haste = haste
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens the database if it is not open: makes it (mode 0640) or migrates it.
  ///
  /// - Throws: ``Failure`` for a file that cannot be a store of this version, which is left as it is, and for what may
  ///   pass (a missing folder, a lock): ``Retry`` with ``tryOpen()`` waits for that, but not in a one-off run.
  public func open() throws(Failure) {
    do { try tryOpen() } catch { throw error.failure }
  }

  /// As ``open()``, for a caller who waits for what may pass.
  public func tryOpen() throws(StoreError) { _ = try connected() }

  /// Closes the database; its `-wal` and `-shm` stay. What is asked next opens it again.
  public func close() {
    CrashPoint.reached("store.before_close")
    (isInUse, owesSync) = (false, false)
    connection = nil
    CrashPoint.reached("store.after_close")
    lock = nil
    care?.end()
  }

  /// Makes a file anew that was removed or replaced; nothing for a store that is closed.
  ///
  /// - Returns: whether it was.
  func look() throws(StoreError) -> Bool {
    guard isInUse else { return false }
    let former = connection
    return try connected() !== former
  }
}

extension Store {
  /// Runs `body` as one transaction.
  func transact<Value>(_ body: (StoreConnection) throws -> Value) throws(StoreError) -> Value {
    let connection = try connected()
    do {
      let value = try connection.transaction { try body(connection) }
      tidy(connection)
      syncSoon()
      return value
    } catch {
      throw explained(error, "cannot write to database \(path)")
    }
  }

  /// A transaction of a sink with the checkpoints that cover it. What was done although it failed is not done again,
  /// and nothing is done in a file that lost what it had.
  func transact<Value>(
    for sink: String, covering kept: [KeptCheckpoint], unlessDone nothing: Value,
    _ body: (StoreConnection) throws -> Value
  ) throws(StoreError) -> Value {
    let kept = kept.map(memory.current)
    let isAgain = memory.hasAttempted(kept)
    memory.attempt(kept)
    let value = try transact { connection in
      try refuseHole(for: sink, in: connection)
      if isAgain, try kept.allSatisfy(connection.has) { return nothing }
      let value = try body(connection)
      CrashPoint.reached("store.after_rows")
      for kept in kept { try connection.put(kept) }
      return value
    }
    memory.keep(kept)
    return value
  }

  /// A file that was opened again may be an earlier state of itself: a disk that failed and was mended, a backup. Lines
  /// that came now would leave a hole behind them; started again, weir reads from the checkpoints that are there.
  private func refuseHole(for sink: String, in connection: StoreConnection) throws {
    if memory.seen.contains(NameText(sink)) { return }
    guard try memory.isComplete(for: sink, in: connection) else {
      let failure = Failure(
        "database \(path) was set back", cause: "what was committed to it is not in it any more",
        help: "start weir again: it reads on from where the database is")
      throw StoreError(failure, isPassing: false)
    }
    memory.seen.insert(NameText(sink))
  }

  /// Runs `body`, a short request that is made on a caller's thread, if nothing is to be expected for which that would
  /// have to wait: no other's lock, nothing to open or to tidy up, no disk that was slow just now.
  ///
  /// - Returns: nil if it was not run.
  func perform<Value>(promptly body: (isolated Store) throws -> Value) rethrows -> Value? {
    let start = clock.now
    guard let connection, !isBroken, connection.isLocal, connection.hasRoomInWAL, !connection.hasClockStep else {
      return nil
    }
    guard let lastTidying, start - lastTidying < CheckpointExpiry.interval else { return nil }
    if let resting, start < resting { return nil }
    if hasMoved { return nil }
    isSeen = true
    connection.database.waitForLocks(false)
    connection.isOnCallersThread = true
    defer {
      isSeen = false
      connection.isOnCallersThread = false
      connection.database.waitForLocks(true)
      if clock.now - start > Promptness.longest { resting = clock.now + Promptness.rest }
    }
    return try body(self)
  }

  /// Runs `body`, which changes nothing.
  func read<Value>(_ body: (StoreConnection) throws -> Value) throws(StoreError) -> Value {
    let connection = try connected()
    do { return try connection.reading { try body(connection) } } catch {
      throw explained(error, "cannot read database \(path)")
    }
  }

  /// The connection to the file that is at `path` now.
  func connected() throws(StoreError) -> StoreConnection {
    if isBroken { drop() }
    let hasMoved = !isSeen && hasMoved
    isSeen = false
    if let connection, !hasMoved { return connection }
    isInUse = true
    do {
      if hasMoved { try leave() }
      if lock == nil { lock = try StoreLockHold(of: path, on: disk) }
      let isFirst = memory.identity == nil
      let opening = StoreOpening(
        path: path, disk: disk, schema: schema, clock: clock, log: log, isFirst: isFirst,
        waits: !isFirst && !isOneOff, movesBeside: executor is Offload)
      let (opened, isNew) = try opening.open()
      connection = opened
      if owesSync { opened.noteUnsynced() }
      owesSync = false
      if isFirst { memory.newestBefore = try CheckpointExpiry.newest(in: opened.database) }
      let isSame = !isNew && memory.identity == opened.identity && memory.instance == opened.instance
      if !isFirst, !isSame { memory.isDue = true }
      memory.identity = opened.identity
      memory.instance = opened.instance
      memory.sideFiles = opened.sideFiles
      memory.seen = []
      if memory.isDue {
        try restore(in: opened)
        memory.isDue = false
        log.warning("database \(path) was deleted or replaced: made anew, reading goes on from where it was")
      }
      care?.watch(self)
      syncSoon()
      return opened
    } catch {
      drop()
      let error = explained(error, "cannot open database \(path)")
      throw isOneOff ? error.withoutWaiting : error
    }
  }

  /// Deletes old checkpoints: in the first transaction of a run, and once a day while there are others.
  private func tidy(_ connection: StoreConnection) {
    if let lastTidying, clock.now - lastTidying < CheckpointExpiry.interval { return }
    let expiry = CheckpointExpiry(database: connection.database, now: clock.wall.wholeMilliseconds)
    do {
      let count = try connection.transaction {
        if lastTidying == nil, let newest = memory.newestBefore { try expiry.leaveOut(pauseAfter: newest) }
        try expiry.touch(memory.followedPlaces, names: connection.names)
        return try expiry.deleteOld()
      }
      lastTidying = clock.now
      if count > 0 {
        try memory.forgetMissing(in: connection)
        expiries.add(1, ordering: .relaxed)
        log.debug("\(path): \(count) checkpoints that nobody used for \(CheckpointExpiry.daysKept) days are removed")
      }
    } catch {
      // What was asked for is done; old checkpoints go after another transaction.
      log.debug("\(path): old checkpoints stay for now: \(error)")
    }
  }

  /// Whether the file that was opened last is not at `path` any more. An error of looking is not an absence: then the
  /// connection tells by itself what is wrong.
  private var hasMoved: Bool {
    guard let known = memory.identity else { return false }
    do { return try disk.identity(path) != known } catch { return false }
  }

  /// Ends with a file that is not at `path` any more. The lock's file may be gone with it, so that another agent could
  /// take it; its `-wal` and `-shm`, if they are still there, are not those of the file that comes.
  private func leave() throws(Errno) {
    connection?.leave()
    connection = nil
    if let lock, try !lock.isCurrent { self.lock = nil }
    try memory.sideFiles?.remove(from: disk)
    memory.sideFiles = nil
  }

  private func restore(in connection: StoreConnection) throws {
    CrashPoint.reached("store.before_restore")
    try connection.transaction {
      try memory.restore(in: connection)
      CrashPoint.reached("store.in_restore")
    }
    CrashPoint.reached("store.after_restore")
  }

  /// What is asked next opens the file again. To close it may take long: no caller waits for that.
  private func drop() {
    isBroken = connection?.isOnCallersThread == true
    if isBroken { return }
    if connection?.mayBeUnsynced == true { owesSync = true }
    connection = nil
  }

  /// What a caller is told of an error.
  func explained(_ error: any Error, _ what: String) -> StoreError {
    switch error {
    case let error as StoreError: return error
    case let error as Failure: return StoreError(error, isPassing: false)
    case let error as Errno: return StoreError(what, error)
    case let error as SchemaRefusal:
      let help = "move it away, or name another database"
      return StoreError(Failure(what, cause: error.description, help: help), isPassing: false)
    case let error as SQLiteError:
      if error.needsReopening { drop() }
      let help = error.isDamage ? "it is left as it is: move it away, or name another database" : nil
      return StoreError(Failure(what, cause: error.description, help: help), isPassing: error.isPassing)
    default: return StoreError(Failure(what, cause: "\(error)"), isPassing: false)
    }
  }
}
