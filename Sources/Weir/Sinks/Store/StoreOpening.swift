import Coroutines
import Logging
import SystemPackage

/// How a store's file is opened: made if it is not there, refused if it cannot be one.
struct StoreOpening {
  let path: FilePath
  let disk: any StoreDisk
  let schema: Schema
  let clock: any TimeSource
  let log: Logger
  /// Whether this store was never open.
  let isFirst: Bool
  /// Whether what only a person can mend is waited for, and not refused.
  let waits: Bool
  /// Whether the `-wal` is moved beside the commits.
  let movesBeside: Bool

  /// - Returns: the connection, and whether the file was made for it.
  /// - Throws: ``StoreError``, ``SQLiteError``, ``SchemaRefusal``.
  func open() throws -> (connection: StoreConnection, isNew: Bool) {
    let isNew = try makeFile()
    CrashPoint.reached("store.file_made")
    if let objection = disk.objection(to: path) {
      throw StoreError(Failure("cannot open database \(path)", cause: objection, help: help), isPassing: waits)
    }
    if isFirst, !isNew { try refuseLoss() }
    guard let identity = try disk.identity(path) else {
      throw StoreError(Failure("cannot open database \(path)", cause: "it was removed"), isPassing: true)
    }
    let mover = movesBeside ? WALMover(path, on: disk, log: log) : nil
    let connection = try StoreConnection(
      opening: path, on: disk, identity: identity, schema: schema, clock: clock, mover: mover)
    return (connection, isNew)
  }

  private var help: String { "it is left as it is: move it away, or name another database" }

  /// SQLite takes an empty file for a new database, and throws away what is in its `-wal`, which may be the last that
  /// is left of a database that was cut to nothing.
  private func refuseLoss() throws {
    let wal = LinuxDisk.sibling(of: path, suffix: "-wal")
    guard try disk.byteCount(of: path) == 0, let kept = try disk.byteCount(of: wal), kept > 0 else { return }
    let failure = Failure(
      "cannot open database \(path)", cause: "it is empty, and its -wal is not: it was cut",
      help: "both are left as they are: move them away, or name another database")
    throw StoreError(failure, isPassing: false)
  }

  private func makeFile() throws(StoreError) -> Bool {
    do {
      return try disk.create(path)
    } catch {
      let refused = StoreError("cannot make database \(path)", error)
      throw StoreError(
        refused.failure, isPassing: waits || refused.isPassing, needsPerson: refused.needsPerson)
    }
  }
}
