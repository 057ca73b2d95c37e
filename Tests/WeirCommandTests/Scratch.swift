import CSQLite
import Glibc
import Synchronization
import Testing

/// A folder of a test, removed with it.
final class Scratch {
  let path: String
  /// Whether it is left where it is, for someone to look into.
  var isKept = false

  init() throws {
    var template = Array("/tmp/weir-test-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { if !isKept { run("rm", "-rf", path) } }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file anew.
  func write(_ name: String, _ text: String) throws { try put(name, Array(text.utf8), O_WRONLY | O_CREAT | O_TRUNC) }

  /// Appends to a file with one write(2).
  func append(_ name: String, _ text: String) throws { try put(name, Array(text.utf8), O_WRONLY | O_CREAT | O_APPEND) }

  func append(_ name: String, bytes: [UInt8]) throws { try put(name, bytes, O_WRONLY | O_CREAT | O_APPEND) }

  /// The text of a file.
  func read(_ name: String) throws -> String {
    let file = try #require(fopen(self.file(name), "r"), "\(name): \(String(cString: strerror(errno)))")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func put(_ name: String, _ bytes: [UInt8], _ flags: Int32) throws {
    let descriptor = open(file(name), flags, 0o644)
    try #require(descriptor >= 0, "\(file(name)): \(String(cString: strerror(errno)))")
    defer { close(descriptor) }
    try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
  }

  /// Runs a program of the system to its end. - Returns: its exit status.
  @discardableResult
  func run(_ words: String...) -> Int32 {
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    let failure = Spawning.lock.withLock { _ in posix_spawnp(&pid, words[0], nil, nil, arguments, environ) }
    guard failure == 0 else { return -1 }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    return (status >> 8) & 0xff
  }

  /// Rows of a query on a database of the folder; columns joined by `|`, NULL as empty text.
  func query(_ sql: String, in database: String = "weir.db") throws -> [String] {
    var connection: OpaquePointer?
    let opened = sqlite3_open_v2(file(database), &connection, SQLITE_OPEN_READONLY, nil)
    defer { sqlite3_close(connection) }
    guard opened == SQLITE_OK else { throw QueryFailure(text: "cannot open \(database)") }
    sqlite3_busy_timeout(connection, 5000)
    var statement: OpaquePointer?
    let prepared = sqlite3_prepare_v2(connection, sql, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    guard prepared == SQLITE_OK else {
      throw QueryFailure(text: "\(sql): \(String(cString: sqlite3_errmsg(connection)))")
    }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      let columns = (0..<sqlite3_column_count(statement)).map { column in
        sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
      }
      rows.append(columns.joined(separator: "|"))
    }
    return rows
  }

  /// Waits until an agent in this folder follows what was there at its start.
  func awaitStart(pipelines: Int = 1) throws {
    try awaitRows(["\(pipelines)"], "SELECT count(*) FROM pipeline WHERE started")
  }

  /// Waits until a query gives these rows.
  func awaitRows(_ expected: [String], _ sql: String, seconds: Int = 20, in database: String = "weir.db") throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var rows: [String]? = nil
    while ContinuousClock.now < deadline {
      if access(file(database), F_OK) == 0 { rows = try? query(sql, in: database) }
      if rows == expected { return }
      poll(nil, 0, 5)  // looks again: SQLite tells nobody of a commit
    }
    Issue.record("\(sql) gave \(rows ?? []) and not \(expected) within \(seconds) s")
  }
}

struct QueryFailure: Error {
  let text: String
}
