import Coroutines
import SystemPackage

/// An open database of weir's schema, with its prepared statements. Owned by its store.
final class StoreConnection {
  /// To which size the `-wal` is cut when it was emptied, in bytes.
  static let walBytesKept = 64 << 20
  /// SQLite's page cache, in KiB: the pages of a big batch, so that they are written once.
  static let cacheKibibytes = 8192

  let database: Database
  /// Whether the file is on a disk of this machine.
  let isLocal: Bool
  /// Which file it is connected to.
  let identity: FileIdentity
  /// Which database that is, whatever file it is in; nil for a schema without.
  let instance: String?
  /// What SQLite put beside it.
  let sideFiles: SideFiles
  let names: NameTable
  let matches: MatchTable
  let checkpoints: CheckpointTable
  let counts: CountTable
  let ledger: LedgerTables
  private let clock: any TimeSource
  /// How far the wall clock, by which checkpoints have their ages, was ahead of the other when those were right.
  private var clockLead: Duration
  private let begin: Statement
  private let beginReading: Statement
  private let commit: Statement
  /// Whether there were commits since the `-wal` was synced.
  private(set) var hasUnsynced = false
  /// Who syncs now; those who ask meanwhile wait for that too.
  private var syncsUnderWay = 0
  /// Whether the `-wal` was ever synced.
  private var hasSynced = false
  /// Whether a caller waits who must not wait for a disk.
  var isOnCallersThread = false
  /// Whether others wait for little while much is committed: then who commits much finishes with the `-wal`, by
  /// ``finishMoving()``.
  var leavesFinishing = false
  /// When the `-wal` is moved to the database.
  var pace: WALPace
  /// Moves it meanwhile; nil: the store itself does.
  private let mover: WALMover?

  /// Opens a file that is there, and makes or migrates its tables.
  ///
  /// - Throws: ``SQLiteError``; ``SchemaRefusal`` for a file that is not weir's or a newer weir's: it stays as it is.
  init(
    opening path: FilePath, on disk: any StoreDisk, identity: FileIdentity, schema: Schema,
    clock: any TimeSource = SystemClock(), mover: WALMover? = nil
  ) throws {
    self.identity = identity
    self.clock = clock
    self.mover = mover
    isLocal = disk.isLocal(path)
    clockLead = clock.wall - clock.now
    database = try Database(opening: path, on: disk)
    try database.execute("PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY")
    try database.keepSideFiles()
    try database.leaveFilesOnClose(true)  // until it is known to be sound, and ours
    try schema.prepare(database)
    try Schema.probe(database)
    try database.leaveFilesOnClose(false)
    try database.execute(
      """
      PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=\(Self.walBytesKept);
      PRAGMA cache_size=-\(Self.cacheKibibytes)
      """)
    database.countWALPages()
    pace = WALPace(pageBytes: Int(try database.integer("PRAGMA page_size") ?? 4096))
    names = try NameTable(database)
    matches = try MatchTable(database)
    checkpoints = try CheckpointTable(database)
    counts = try CountTable(database)
    ledger = try LedgerTables(database)
    instance = try database.text("SELECT value FROM meta WHERE key = 'database'")
    begin = try database.prepare("BEGIN IMMEDIATE")
    beginReading = try database.prepare("BEGIN")
    commit = try database.prepare("COMMIT")
    sideFiles = SideFiles(of: path, on: disk)
  }

  /// The connection that is closed last moves the `-wal`, where it may: that is this one's.
  deinit { mover?.end() }

  /// Moves the `-wal` for the last time, for closing does so too, but not beside a reader.
  func leave() {
    mover?.end()
    database.moveWAL()
  }

  /// Runs `body` as one transaction: all of it is committed, or none.
  func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    CrashPoint.reached("store.before_begin")
    try begin.run()
    do {
      let lead = try keepAges()
      let value = try body()
      CrashPoint.reached("store.before_commit")
      try commit.run()
      hasUnsynced = true
      clockLead = lead
      CrashPoint.reached("store.after_commit")
      emptyWAL(inHaste: leavesFinishing)
      return value
    } catch {
      names.forget()
      // Some errors have rolled back already; an error here leaves no transaction either.
      if database.isInTransaction { try? database.execute("ROLLBACK") }
      throw error
    }
  }

  /// Runs `body`, which reads: as one, so that a thousand queries lock the file once.
  func reading<Value>(_ body: () throws -> Value) throws -> Value {
    try beginReading.run()
    // Nothing was written: whichever way it ends is the same, and an error of that is the next transaction's.
    defer { if database.isInTransaction { try? database.execute("ROLLBACK") } }
    return try body()
  }

  /// Sets the ages of checkpoints with the wall clock where that was set, or the machine slept.
  ///
  /// - Returns: by what they are right then.
  private func keepAges() throws(SQLiteError) -> Duration {
    let lead = clock.wall - clock.now
    let step = (lead - clockLead).wholeMilliseconds
    guard abs(step) > CheckpointExpiry.shortestPause else { return clockLead }
    try CheckpointExpiry(database: database, now: clock.wall.wholeMilliseconds).set(by: step)
    return lead
  }

  /// Makes what was committed outlive a power cut.
  ///
  /// - Returns: who does that, where it is not done here, as it may be much. The name of a new `-wal` is synced by who
  ///   made it.
  func sync() throws(SQLiteError) -> WALMover? {
    guard mayBeUnsynced else { return nil }
    if let mover, mover.isInUse, hasSynced {
      hasUnsynced = false
      syncsUnderWay += 1
      return mover
    }
    try database.syncWAL()
    (hasUnsynced, hasSynced) = (false, true)
    return nil
  }

  /// Whether commits may be lost in a power cut.
  var mayBeUnsynced: Bool { hasUnsynced || syncsUnderWay > 0 }

  /// The file has commits of another connection that are not synced.
  func noteUnsynced() { hasUnsynced = true }

  /// Who was given by ``sync()`` has done it, or failed.
  func noteSynced(_ isDone: Bool) {
    syncsUnderWay -= 1
    if !isDone { hasUnsynced = true }
  }

  /// Moves the pages of the `-wal` to the database when there are many, as far as readers let it. What cannot be moved
  /// now is after a later commit: nothing depends on it but the size of the `-wal`.
  private func emptyWAL(inHaste: Bool) {
    if pace.note(pages: database.walPages) { mover?.noteBegunAnew() }
    let leaves = leavesFinishing && !pace.isTooMuch(database.walPages)
    switch pace.step(
      at: database.walPages, mover?.sight, mayWait: !isOnCallersThread && !leaves, inHaste: inHaste)
    {
    case .nothing: break
    case .begin: mover?.begin()
    case .finish:
      mover?.wait()
      CrashPoint.reached("store.before_wal_checkpoint")
      let pages = database.moveWAL()
      if let mover { mover.note(moved: pages, of: mover.wal) }
      CrashPoint.reached("store.after_wal_checkpoint")
    }
  }

  /// Who moves the `-wal` beside the commits, where only the rest that is moved between two of them is left.
  var moverBeforeFinish: WALMover? {
    var later = pace
    return later.step(at: database.walPages, mover?.sight, inHaste: true) == .finish ? mover : nil
  }

  /// Moves the rest of the `-wal`, if it is time.
  func finishMoving() { emptyWAL(inHaste: true) }

  /// Whether the wall clock was set, or the machine slept: then the ages of all checkpoints are set first.
  var hasClockStep: Bool {
    abs((clock.wall - clock.now - clockLead).wholeMilliseconds) > CheckpointExpiry.shortestPause
  }

  /// Whether no small transaction will have to wait for the `-wal` to be moved, nor for a disk that is busy with that.
  var hasRoomInWAL: Bool {
    let sight = mover?.sight
    if sight?.isBusy == true { return false }
    var later = pace
    return later.step(at: database.walPages + WALPace.pagesOfShortOne, sight) != .finish
  }

  /// Sets a checkpoint, within a transaction.
  func put(_ kept: KeptCheckpoint) throws(SQLiteError) {
    let checkpoint = kept.checkpoint
    try checkpoints.put(
      checkpoint, sink: kept.sink, pipeline: names.pipeline(kept.pipeline), file: names.file(checkpoint.path),
      atMilliseconds: clock.wall.wholeMilliseconds)
  }

  /// Whether the checkpoint is just as given.
  func has(_ kept: KeptCheckpoint) throws(SQLiteError) -> Bool {
    try checkpoint(sink: kept.sink, pipeline: kept.pipeline, identity: kept.checkpoint.identity) == kept.checkpoint
  }

  /// How far a sink has taken a file of a pipeline; nil if it has none of it.
  func checkpoint(sink: String, pipeline: String, identity: FileIdentity) throws(SQLiteError) -> Checkpoint? {
    guard let pipeline = try names.knownPipeline(pipeline) else { return nil }
    return try checkpoints.one(sink: sink, pipeline: pipeline, identity: identity)
  }
}
