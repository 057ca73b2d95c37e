import CSQLite
import Glibc
import Testing

/// How often each numbered line is somewhere.
struct LineCensus {
  /// For each number.
  private(set) var counts: [UInt8]
  /// Lines that are not whole, as a cut leaves them.
  private(set) var torn = 0

  /// - Parameter count: how many lines were written.
  init(of count: Int) { counts = Array(repeating: 0, count: count) }

  /// The lines of all that is left of a log: the file, its copies, and what they were compressed to.
  mutating func add(filesOf folder: Scratch) throws {
    let join = "cd \(folder.path) && for f in app.log* old/app.log*; do [ ! -e $f ] || { gzip -dcf < $f; echo; }; done"
    #expect(folder.run("sh", "-c", "(\(join)) > \(folder.file("all"))") == 0)
    let file = try #require(fopen(folder.file("all"), "r"))
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while case let length = getline(&line, &capacity, file), length > 0, let line {
      if length > 1 { add(UnsafeRawBufferPointer(start: line, count: line[length - 1] == 10 ? length - 1 : length)) }
    }
  }

  /// The lines that were stored.
  mutating func add(storeOf folder: Scratch) throws {
    var connection: OpaquePointer?
    var statement: OpaquePointer?
    defer {
      sqlite3_finalize(statement)
      sqlite3_close(connection)
    }
    try #require(sqlite3_open_v2(folder.file("weir.db"), &connection, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
    try #require(sqlite3_prepare_v2(connection, "SELECT line FROM match", -1, &statement, nil) == SQLITE_OK)
    while sqlite3_step(statement) == SQLITE_ROW {
      let text = sqlite3_column_text(statement, 0)
      add(UnsafeRawBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, 0))))
    }
  }

  private mutating func add(_ line: UnsafeRawBufferPointer) {
    guard line.first == UInt8(ascii: "#"), line.last == UInt8(ascii: "."),
      let number = number(in: line.dropFirst().prefix { $0 != UInt8(ascii: " ") }), number < counts.count,
      line.count == LogWriter.line(number).utf8.count - 1
    else {
      torn += 1
      return
    }
    if counts[number] < .max { counts[number] += 1 }
  }

  private func number(in digits: Slice<UnsafeRawBufferPointer>) -> Int? {
    var number = 0
    for digit in digits {
      guard (48...57).contains(digit), number < 1 << 40 else { return nil }
      number = number * 10 + Int(digit - 48)
    }
    return number
  }
}
