import CSQLite
import Coroutines
import Glibc
import Logging
import Synchronization
import SystemPackage

@testable import Weir

/// A folder that is there as long as the test is.
final class StoreFolder: Sendable {
  let path: FilePath

  init() {
    var template = Array("/tmp/weir-store-XXXXXX".utf8CString)
    path = FilePath(platformString: mkdtemp(&template)!)
  }

  deinit { _ = shell("chmod -R u+rwx \(path); rm -rf \(path)") }

  var database: FilePath { path.appending("weir.db") }
}

/// Runs a command line; its standard output and exit status.
func shell(_ command: String) -> (output: String, status: Int32) {
  guard let pipe = popen(command, "r") else { return ("", -1) }
  var output: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while case let count = fread(&chunk, 1, chunk.count, pipe), count > 0 { output += chunk.prefix(count) }
  let status = pclose(pipe)
  return (String(decoding: output, as: UTF8.self), (status >> 8) & 0xff)
}

/// Does what needs a lock that this process let go of: a child that another test starts at the moment holds a copy of
/// it until it is another program. Five seconds at most.
@discardableResult
func untilUnlocked<Value>(_ body: () async throws -> Value) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(5)
  while true {
    do { return try await body() } catch {
      let isOwn = "\(error)".contains("already running as pid \(getpid())")
      guard isOwn, ContinuousClock.now < deadline else { throw error }
    }
    await Task.yield()
  }
}

/// A second connection to a database, as a person has it, with the C interface alone.
final class Reader {
  private var handle: OpaquePointer?

  init(_ path: FilePath) {
    precondition(path.withPlatformString { sqlite3_open_v2($0, &handle, SQLITE_OPEN_READWRITE, nil) } == SQLITE_OK)
    sqlite3_busy_timeout(handle, 2000)
  }

  deinit { sqlite3_close_v2(handle) }

  /// All rows as text, `NULL` for NULL.
  func rows(_ sql: String) -> [[String]] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      return [["error", String(cString: sqlite3_errmsg(handle))]]
    }
    defer { sqlite3_finalize(statement) }
    var rows: [[String]] = []
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return rows }
      guard code == SQLITE_ROW else { return [["error", String(cString: sqlite3_errmsg(handle))]] }
      rows.append(
        (0..<sqlite3_column_count(statement)).map { column in
          guard let base = sqlite3_column_blob(statement, column) else {
            return sqlite3_column_type(statement, column) == SQLITE_NULL ? "NULL" : ""
          }
          let bytes = UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(statement, column)))
          return String(decoding: bytes, as: UTF8.self)
        })
    }
  }

  /// The first column of each row.
  func column(_ sql: String) -> [String] { rows(sql).map { $0[0] } }

  /// The names of a table's or view's columns.
  func columns(of name: String) -> [String] {
    column("SELECT name FROM pragma_table_info(\(PipelineView.literal(name)))")
  }

  func run(_ sql: String) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    precondition(code == SQLITE_OK, String(cString: sqlite3_errmsg(handle)))
  }
}

/// A file that never was, and deliveries of what it would hold.
final class FakeFile {
  let origin: Origin
  private(set) var offset: UInt64

  init(_ path: FilePath = "/var/log/auth.log", inode: UInt64 = 7, at offset: UInt64 = 0) {
    origin = Origin(path: path, identity: FileIdentity(device: .max - 1, inode: inode))
    self.offset = offset
  }

  /// The next lines, each with what its fields captured: texts that are sought in the line, nil for unset.
  func delivery(
    _ label: PipelineLabel, _ lines: [(line: [UInt8], fields: [String?])], at time: Int64 = 1_700_000_000_123,
    isTruncated: Bool = false
  ) -> Delivery {
    var bytes: [UInt8] = []
    var selection = Selection(fieldCount: label.fields.count)
    for (line, fields) in lines {
      let start = Int32(bytes.count)
      selection.lines.append(
        Selection.Line(start: start, end: start + Int32(line.count), matchStart: start, matchEnd: start))
      for field in fields { selection.captures.append(Self.capture(field, in: line, from: start)) }
      bytes += line + [10]
    }
    return Delivery(
      pipeline: label, batch: batch(bytes, at: time, isTruncated: isTruncated), selection: selection)
  }

  /// The next lines of a pipeline without fields.
  func delivery(_ label: PipelineLabel, _ lines: String..., at time: Int64 = 1_700_000_000_123) -> Delivery {
    delivery(label, lines.map { (Array($0.utf8), []) }, at: time)
  }

  /// The next `count` bytes, in which no line was for the sink.
  func passing(_ label: PipelineLabel, byteCount: Int) -> Delivery {
    Delivery(
      pipeline: label, batch: batch([UInt8](repeating: 10, count: byteCount), at: 0, isTruncated: false),
      selection: Selection(fieldCount: label.fields.count))
  }

  private func batch(_ bytes: [UInt8], at time: Int64, isTruncated: Bool) -> Batch {
    let start = offset
    offset += UInt64(bytes.count)
    return Batch(
      origin: origin, start: start, end: offset, block: Block(copying: bytes), range: 0..<bytes.count,
      isTruncated: isTruncated, head: Fingerprint(byteCount: 4, hash: .max - 3),
      marker: Fingerprint(byteCount: 2, hash: offset), readAtMilliseconds: time)
  }

  private static func capture(_ field: String?, in line: [UInt8], from start: Int32) -> Selection.Capture {
    guard let field else { return .none }
    let wanted = Array(field.utf8)
    let place = (0...(line.count - wanted.count)).first { Array(line[$0..<($0 + wanted.count)]) == wanted }!
    return Selection.Capture(start: start + Int32(place), end: start + Int32(place + wanted.count))
  }
}

/// A log that a test reads.
final class LogRecord: LogHandler, Sendable {
  private let lines = Mutex<[String]>([])

  var logger: Logger { Logger(label: "test") { _ in self } }
  var all: [String] { lines.withLock { $0 } }

  func log(event: LogEvent) { lines.withLock { $0.append("\(event.level): \(event.message)") } }

  subscript(metadataKey _: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
}

/// Waits until `condition` holds; ten seconds at most.
func waitUntil(on scheduler: Scheduler, _ condition: () async throws -> Bool) async throws {
  let clock = SystemClock()
  let deadline = clock.now + .seconds(10)
  while try await !condition() {
    guard clock.now < deadline else { throw Failure("a test waited for ten seconds") }
    try await scheduler.sleep(for: .milliseconds(2))
  }
}
