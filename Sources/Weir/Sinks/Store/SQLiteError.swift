import CSQLite

/// An error that SQLite returned, as it returned it.
///
/// The message is SQLite's own: it names tables and columns, never a value that was bound.
struct SQLiteError: Error, Equatable, CustomStringConvertible {
  /// The extended result code: https://sqlite.org/rescode.html
  let extendedCode: Int32
  /// What SQLite says of it.
  let message: String

  /// The primary result code.
  var code: Int32 { extendedCode & 0xff }

  /// The place or the moment is wrong and not the request: another try may work.
  var isPassing: Bool {
    switch code {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM,
      SQLITE_PROTOCOL, SQLITE_PERM, SQLITE_INTERRUPT, SQLITE_NOLFS:
      true
    default: false
    }
  }

  /// A file or its folder is not there, or may not be written to.
  var needsPerson: Bool { code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PERM }

  /// The connection may be to a file that is not there any more: open it again before the next try.
  var needsReopening: Bool {
    switch code {
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PROTOCOL: true
    default: false
    }
  }

  /// SQLite refuses the row's values, now and ever: a constraint, a value beyond its limits.
  var refusesRow: Bool { code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH }

  /// The file is not a sound database.
  var isDamage: Bool { code == SQLITE_NOTADB || code == SQLITE_CORRUPT }

  var description: String { "\(message) (SQLite \(extendedCode))" }

  /// The last error of a connection; `code` is what the failing call returned.
  init(_ code: Int32, of handle: OpaquePointer?) {
    let extended = handle.map { sqlite3_extended_errcode($0) } ?? code
    extendedCode = extended & 0xff == code & 0xff ? extended : code
    if let handle, sqlite3_errcode(handle) & 0xff == code & 0xff {
      message = String(cString: sqlite3_errmsg(handle))
    } else {
      message = String(cString: sqlite3_errstr(code))
    }
  }
}
