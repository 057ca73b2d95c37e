import CSQLite

/// A prepared statement: prepared once, bound and stepped often. Owned by its connection's thread.
///
/// Bytes are bound in place (`SQLITE_STATIC`): they stay valid and unchanged until the next
/// ``run()`` or ``reset()`` is over. Bindings stay from one run to the next.
/// Programmer's errors (an index that the statement has not) trap; what SQLite refuses is thrown.
final class Statement {
  private let handle: OpaquePointer
  /// Keeps the connection open as long as the statement lives.
  private let database: Database

  /// Prepares the first statement of `sql`.
  init(_ sql: String, on database: Database) throws(SQLiteError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code, of: database.handle) }
    guard let handle else { preconditionFailure("no statement in the SQL") }
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds parameter `index`, from 1 on.
  func bind(_ value: Int64, at index: Int32) throws(SQLiteError) {
    try check(sqlite3_bind_int64(handle, index, value))
  }

  /// Binds NULL.
  func bindNull(at index: Int32) throws(SQLiteError) { try check(sqlite3_bind_null(handle, index)) }

  /// Binds UTF-8 in place, NULs included.
  func bindText(_ bytes: UnsafeRawBufferPointer, at index: Int32) throws(SQLiteError) {
    let base = (bytes.baseAddress ?? Self.nothing).assumingMemoryBound(to: CChar.self)
    try check(sqlite3_bind_text64(handle, index, base, UInt64(bytes.count), nil, UInt8(SQLITE_UTF8)))
  }

  /// Binds bytes in place.
  func bindBlob(_ bytes: UnsafeRawBufferPointer, at index: Int32) throws(SQLiteError) {
    try check(sqlite3_bind_blob64(handle, index, bytes.baseAddress ?? Self.nothing, UInt64(bytes.count), nil))
  }

  /// Binds a copy of a text: for what is not on the way of each line.
  func bind(_ text: String, at index: Int32) throws(SQLiteError) {
    var text = text
    let code = text.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(utf8)
      let base = (bytes.baseAddress ?? Self.nothing).assumingMemoryBound(to: CChar.self)
      return sqlite3_bind_text64(handle, index, base, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
    }
    try check(code)
  }

  /// Binds a copy of a file's fields or other bytes as a BLOB.
  func bind(copying bytes: [UInt8], at index: Int32) throws(SQLiteError) {
    let code = bytes.withUnsafeBytes {
      sqlite3_bind_blob64(handle, index, $0.baseAddress ?? Self.nothing, UInt64($0.count), Self.transient)
    }
    try check(code)
  }

  /// Goes on to the next row.
  ///
  /// - Returns: whether there is one; read it with ``integer(_:)`` and ``text(_:)`` before the next step.
  func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      let error = SQLiteError(code, of: database.handle)
      sqlite3_reset(handle)
      throw error
    }
  }

  /// Runs it to its end, rows passed over.
  func run() throws(SQLiteError) { while try step() {} }

  /// Ends a query before its last row.
  func reset() { sqlite3_reset(handle) }

  /// A column of the row, from 0 on; 0 if NULL.
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// Whether a column of the row is NULL.
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// A column of the row as text, NULs included; empty if NULL.
  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// A column of the row as bytes; empty if NULL.
  func bytes(_ column: Int32) -> [UInt8] {
    guard let base = sqlite3_column_blob(handle, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// SQLite takes a null pointer for NULL, so no bytes need an address too.
  private static var nothing: UnsafeRawPointer { UnsafeRawPointer(bitPattern: 1)! }
  /// `SQLITE_TRANSIENT`, a cast that Swift does not import: SQLite copies the bytes.
  private static var transient: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  private func check(_ code: Int32) throws(SQLiteError) {
    precondition(code != SQLITE_RANGE && code != SQLITE_MISUSE, "a parameter that the statement has not")
    if code != SQLITE_OK { throw SQLiteError(code, of: database.handle) }
  }
}
