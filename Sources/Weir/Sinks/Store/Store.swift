import Coroutines
import Logging
import SystemPackage

/// A database of weir: one connection, one thread, one set of prepared statements per file.
///
/// Lives on an executor of its own, which in an agent is a thread, so that SQLite may block there. Rows and the
/// checkpoint that covers them are one transaction. The methods that throw a ``StoreError`` have done nothing then, not
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
  private let disk: any StoreDisk
  private let schema: Schema
  /// Held as long as the database is open: no other agent writes to it.
  private var lock: (any AnyObject & Sendable)?
  private var connection: StoreConnection?
  private var memory = StoreMemory()
  /// Whether it was opened, and not closed since.
  private var isInUse = false
  /// Called when there is something to sync that was not there before.
  private let onUnsynced: (@Sendable () -> Void)?

  /// For ``StoreShelf``, which sees to it that a file has one store.
  init(
    path: FilePath, schema: Schema = .current, log: Logger, disk: any StoreDisk = LinuxDisk(),
    executor: any SerialExecutor = Offload(name: "store"), onUnsynced: (@Sendable () -> Void)? = nil
  ) {
    self.path = path
    self.onUnsynced = onUnsynced
    self.schema = schema
    self.log = log
    self.disk = disk
    self.executor = executor
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens the database if it is not open: makes it (mode 0640) or migrates it.
  ///
  /// - Throws: ``Failure`` for a file that cannot be a store of this version, which is left as it is, and for what may
  ///   pass (a missing folder, a lock): ``Retry`` with ``tryOpen()`` waits for that.
  public func open() throws(Failure) {
    do { try tryOpen() } catch { throw error.failure }
  }

  /// As ``open()``, for a caller who waits for what may pass.
  public func tryOpen() throws(StoreError) { _ = try connected() }

  /// Makes what was committed outlive a power cut, if the database is open.
  func sync() throws(StoreError) {
    do { try connection?.sync() } catch { throw StoreError("cannot sync database \(path)", error) }
  }

  /// Closes the database; its `-wal` and `-shm` stay. What is asked next opens it again.
  public func close() {
    CrashPoint.reached("store.before_close")
    isInUse = false
    connection = nil
    CrashPoint.reached("store.after_close")
    lock = nil
  }

  /// Makes a file anew that was removed or replaced; nothing for a store that is closed.
  ///
  /// - Returns: whether it was.
  func look() throws(StoreError) -> Bool {
    guard isInUse else { return false }
    let former = connection
    return try connected() !== former
  }

  /// Gives pipelines of the present config their rows and views. The views of others stay.
  ///
  /// - Throws: ``StoreError``: also if the database has a table of a pipeline's name.
  public func register(_ pipelines: [PipelineLabel]) throws {
    try transact { try PipelineRegister(connection: $0).register(pipelines) }
    for label in pipelines { memory.labels[label.name] = label }
  }

  /// Whether the pipeline was marked as started, in this run or an earlier one.
  public func hasRunBefore(_ pipeline: String) throws -> Bool {
    try read { connection in
      guard let id = try connection.names.knownPipeline(pipeline) else { return false }
      return try connection.database.integer("SELECT started FROM pipeline WHERE id = \(id)") == 1
    }
  }

  /// Marks pipelines as started: from now on their new files are read from the beginning.
  public func markStarted(_ pipelines: [String]) throws {
    try transact { try $0.markStarted(pipelines) }
    memory.started.formUnion(pipelines)
  }

  /// How far a sink has taken the files of a pipeline.
  public func checkpoints(sink: String, pipeline: String) throws -> [Checkpoint] {
    let found = try read { connection in
      guard let id = try connection.names.knownPipeline(pipeline) else { return [] as [Checkpoint] }
      return try connection.checkpoints.all(sink: sink, pipeline: id)
    }
    memory.replace(sink: sink, pipeline: pipeline, by: found)
    return found
  }

  /// Writes the lines of a delivery as rows, with the checkpoint that covers them, and others that waited for it.
  ///
  /// - Parameter kept: checkpoints of deliveries before, that had no lines.
  /// - Returns: how many rows were refused for good and went to `reject` instead.
  @discardableResult
  public func write(_ delivery: Delivery, sink: String, with kept: [KeptCheckpoint] = []) throws -> Int {
    let all = kept + Self.checkpoint(of: delivery, sink: sink)
    return try transact(for: sink, covering: all, unlessDone: 0) { connection in
      let pipeline = try connection.names.pipeline(delivery.pipeline.name)
      let file = try connection.names.file(delivery.batch.origin.path)
      var rejected = 0
      try connection.matches.insert(delivery, pipeline: pipeline, file: file) { (line, error) throws(SQLiteError) in
        try connection.ledger.reject(line: line, of: delivery, pipeline: pipeline, file: file, error: error)
        rejected += 1
      }
      return rejected
    }
  }

  /// Sets checkpoints of sinks that have no store.
  public func keep(_ kept: [KeptCheckpoint]) throws {
    memory.attempt(kept)
    try transact { for kept in kept { try $0.put(kept) } }
    memory.keep(kept)
  }

  /// Sets checkpoints of a sink whose lines are here, and that was sent deliveries without lines.
  func keep(_ kept: [KeptCheckpoint], withLinesOf sink: String) throws {
    try transact(for: sink, covering: kept, unlessDone: ()) { _ in }
  }

  /// Adds to a counter what was counted, with the checkpoints that cover it.
  public func count(_ rows: [CountRow], counter: String, with kept: [KeptCheckpoint]) throws {
    try transact(for: counter, covering: kept, unlessDone: ()) { connection in
      for row in rows {
        try connection.counts.add(row, counter: counter, pipeline: connection.names.pipeline(row.pipeline))
      }
    }
  }

  /// What a counter has in a window, the most first.
  ///
  /// - Parameter window: its start in milliseconds since 1970, or ``CountRow/allTime``.
  public func counted(by counter: String, window: Int64, limit: Int) throws -> [CountRow] {
    try read { try $0.counts.all(counter: counter, window: window, limit: Int64(limit)) }
  }

  /// What a counter has in a window, all pipelines and labels together.
  func sum(of counter: String, window: Int64) throws -> CountSum {
    try read { try $0.counts.sum(counter: counter, window: window) }
  }

  /// Records a range that was not delivered; the same one again (pipeline, file, range, reason) is one row.
  public func record(_ gap: Gap, pipeline: String, atMilliseconds time: Int64) throws {
    try transact { connection in
      try connection.ledger.add(
        gap, pipeline: connection.names.pipeline(pipeline), file: connection.names.file(gap.origin.path),
        atMilliseconds: time)
    }
  }

  /// Records figures of the timing context; the same minute and stage again are added up.
  public func record(timings: [TimingRow]) throws {
    guard let newest = timings.map(\.minuteMilliseconds).max() else { return }
    try transact { connection in
      for row in timings { try connection.ledger.add(row, pipeline: connection.names.pipeline(row.pipeline)) }
      try connection.ledger.dropTimings(before: newest)
    }
  }

  /// The checkpoint that a sink has once it has taken `delivery`: none for a stream.
  static func checkpoint(of delivery: Delivery, sink: String) -> [KeptCheckpoint] {
    delivery.batch.checkpoint.map {
      [KeptCheckpoint(sink: sink, pipeline: delivery.pipeline.name, checkpoint: $0)]
    } ?? []
  }
}

extension Store {
  private func transact<Value>(_ body: (StoreConnection) throws -> Value) throws(StoreError) -> Value {
    let connection = try connected()
    do {
      let hadUnsynced = connection.hasUnsynced
      let value = try connection.transaction { try body(connection) }
      if !hadUnsynced { onUnsynced?() }
      return value
    } catch {
      throw explained(error, "cannot write to database \(path)")
    }
  }

  /// A transaction of a sink with the checkpoints that cover it. What was done although it failed is not done again,
  /// and nothing is done in a file that lost what it had.
  private func transact<Value>(
    for sink: String, covering kept: [KeptCheckpoint], unlessDone nothing: Value,
    _ body: (StoreConnection) throws -> Value
  ) throws(StoreError) -> Value {
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
    if memory.seen.contains(sink) { return }
    guard try memory.isComplete(for: sink, in: connection) else {
      let failure = Failure(
        "database \(path) was set back", cause: "what was committed to it is not in it any more",
        help: "start weir again: it reads on from where the database is")
      throw StoreError(failure, isPassing: false)
    }
    memory.seen.insert(sink)
  }

  private func read<Value>(_ body: (StoreConnection) throws -> Value) throws(StoreError) -> Value {
    let connection = try connected()
    do { return try body(connection) } catch { throw explained(error, "cannot read database \(path)") }
  }

  /// The connection to the file that is at `path` now.
  private func connected() throws(StoreError) -> StoreConnection {
    let hasMoved = hasMoved
    if let connection, !hasMoved { return connection }
    isInUse = true
    do {
      if hasMoved { try leave() }
      if lock == nil { lock = try disk.lock(path) }
      let opening = StoreOpening(path: path, disk: disk, schema: schema, isFirst: memory.identity == nil)
      let (opened, isNew) = try opening.open()
      connection = opened
      if memory.identity != nil, isNew || memory.identity != opened.identity { memory.isDue = true }
      memory.identity = opened.identity
      memory.sideFiles = opened.sideFiles
      memory.seen = []
      if memory.isDue {
        try restore(in: opened)
        memory.isDue = false
        log.warning("database \(path) was deleted or replaced: made anew, reading goes on from where it was")
      }
      return opened
    } catch {
      connection = nil
      throw explained(error, "cannot open database \(path)")
    }
  }

  /// Whether the file that was opened last is not at `path` any more. An error of looking is not an absence: then the
  /// connection tells by itself what is wrong.
  private var hasMoved: Bool {
    guard let known = memory.identity else { return false }
    do { return try disk.identity(path) != known } catch { return false }
  }

  /// Ends with a file that is not at `path` any more. The lock's file may be gone with it; its `-wal` and `-shm`, if
  /// they are still there, are not those of the file that comes.
  private func leave() throws(Errno) {
    connection?.database.moveWAL()  // closing does so too, but not beside a reader
    connection = nil
    lock = nil
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

  private func explained(_ error: any Error, _ what: String) -> StoreError {
    switch error {
    case let error as StoreError: return error
    case let error as Failure: return StoreError(error, isPassing: false)
    case let error as Errno: return StoreError(what, error)
    case let error as SchemaRefusal:
      let help = "move it away, or name another database"
      return StoreError(Failure(what, cause: error.description, help: help), isPassing: false)
    case let error as SQLiteError:
      if error.needsReopening { connection = nil }
      let help = error.isDamage ? "it is left as it is: move it away, or name another database" : nil
      return StoreError(Failure(what, cause: error.description, help: help), isPassing: error.isPassing)
    default: return StoreError(Failure(what, cause: "\(error)"), isPassing: false)
    }
  }
}
