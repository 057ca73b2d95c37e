import SystemPackage

/// How a store's file is opened: made if it is not there, refused if it cannot be one.
struct StoreOpening {
  let path: FilePath
  let disk: any StoreDisk
  let schema: Schema
  /// Whether this store was never open: then what only a person can mend is refused, and not waited for.
  let isFirst: Bool

  /// - Returns: the connection, and whether the file was made for it.
  /// - Throws: ``StoreError``, ``SQLiteError``, ``SchemaRefusal``.
  func open() throws -> (connection: StoreConnection, isNew: Bool) {
    let isNew = try makeFile()
    CrashPoint.reached("store.file_made")
    if let objection = disk.objection(to: path) {
      throw StoreError(Failure("cannot open database \(path)", cause: objection), isPassing: !isFirst)
    }
    guard let identity = try disk.identity(path) else {
      throw StoreError(Failure("cannot open database \(path)", cause: "it was removed"), isPassing: true)
    }
    return (try StoreConnection(opening: path, on: disk, identity: identity, schema: schema), isNew)
  }

  private func makeFile() throws(StoreError) -> Bool {
    do {
      return try disk.create(path)
    } catch {
      let refused = StoreError("cannot make database \(path)", error)
      throw StoreError(refused.failure, isPassing: !isFirst || refused.isPassing)
    }
  }
}
