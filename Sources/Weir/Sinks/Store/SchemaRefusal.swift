/// Why a database is not opened: weir leaves it as it is.
enum SchemaRefusal: Error, Equatable, CustomStringConvertible {
  /// It has tables, and none that say it is weir's.
  case foreign
  /// Its version, and the last that this program knows.
  case newer(version: Int64, known: Int)
  /// Its file system has no shared memory, so no WAL.
  case noWAL

  var description: String {
    switch self {
    case .foreign: "it is a database of something else"
    case .newer(let version, let known): "it was made by a newer weir (schema \(version), this one knows \(known))"
    case .noWAL: "WAL mode is not possible there"
    }
  }
}

extension Schema {
  /// Brings a database to this version: makes what an empty file lacks, migrates an older one in one transaction.
  ///
  /// - Throws: ``SchemaRefusal`` for a newer or foreign database, before anything was changed; ``SQLiteError``.
  func prepare(_ database: Database) throws {
    let found = try readVersion(of: database)
    if found == 0, try database.integer("PRAGMA page_count") == 0 { try Self.hasten(database) }
    // Outside a transaction, as SQLite has it; it stays with the file.
    guard try database.text("PRAGMA journal_mode=WAL") == "wal" else { throw SchemaRefusal.noWAL }
    if found == version { return }
    CrashPoint.reached("schema.before_begin")
    try database.execute("BEGIN IMMEDIATE")
    do {
      // Another process may have been faster.
      for step in steps[try readVersion(of: database)...] { try database.execute(step) }
      try database.execute(
        """
        INSERT INTO meta(key, value) VALUES('schema', \(version))
        ON CONFLICT(key) DO UPDATE SET value = excluded.value
        """)
      CrashPoint.reached("schema.before_commit")
      try database.execute("COMMIT")
      CrashPoint.reached("schema.after_commit")
    } catch {
      if database.isInTransaction { try? database.execute("ROLLBACK") }
      throw error
    }
  }

  /// Of a new database.
  static let pageBytes = 8192

  /// A database that has nothing yet has nothing to roll back either: its first page is written and synced once, and
  /// not journaled (three times fdatasync(2), 4 to 10 ms each on a disk), and its tables are in the `-wal` as all
  /// that comes then.
  private static func hasten(_ database: Database) throws(SQLiteError) {
    // Lines take an eighth less of the processor than with SQLite's 4096: half as many pages go through the `-wal`.
    try database.execute("PRAGMA page_size=\(pageBytes)")
    _ = try database.text("PRAGMA journal_mode=OFF")
    try database.execute("PRAGMA synchronous=NORMAL")
  }

  /// Reads the newest end of each table, where rows are added, so that most damage is found before anything is written.
  /// To read all of a database could take minutes.
  ///
  /// - Throws: ``SQLiteError``.
  static func probe(_ database: Database) throws(SQLiteError) {
    for (table, order) in [
      ("meta", "key"), ("pipeline", "id"), ("file", "id"), ("file", "path DESC, raw"), ("match", "id"),
      ("checkpoint", "sink DESC, pipeline DESC, device DESC, inode"), ("gap", "id"), ("reject", "id"),
      ("checkpoint_former", "id"), ("count", "counter DESC, pipeline DESC, window DESC, labels"),
      ("timing", "minute DESC, pipeline DESC, stage"),
    ] { _ = try database.integer("SELECT 1 FROM \(table) ORDER BY \(order) DESC LIMIT 1") }
  }

  /// The version of what is there: 0 for an empty file.
  private func readVersion(of database: Database) throws -> Int {
    if try database.integer("SELECT count(*) FROM sqlite_schema") == 0 { return 0 }
    guard try database.integer("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'") != nil,
      try database.integer("SELECT count(*) FROM pragma_table_info('meta') WHERE name IN ('key', 'value')") == 2,
      let found = try database.integer("SELECT value FROM meta WHERE key = 'schema' AND typeof(value) = 'integer'"),
      found > 0
    else { throw SchemaRefusal.foreign }
    guard found <= Int64(version) else { throw SchemaRefusal.newer(version: found, known: version) }
    return Int(found)
  }
}
