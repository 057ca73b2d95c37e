import SystemPackage
import Testing

@testable import Weir

@Suite struct StoreViewTests {
  private let folder = StoreFolder()
  private let ssh = PipelineLabel(name: "ssh_failures", fields: ["user", "ip"])

  private func openStore() -> Store { StoreShelf().store(at: folder.database) }

  private func line(_ text: String, _ fields: String?...) -> (line: [UInt8], fields: [String?]) {
    (Array(text.utf8), fields)
  }

  @Test func theQueriesOfTheContractAnswer() async throws {
    let store = openStore()
    try await store.register([ssh])
    let file = FakeFile()
    try await store.write(
      file.delivery(ssh, [line("root from 1.2.3.4", "root", "1.2.3.4"), line("amy from 1.2.3.4", "amy", "1.2.3.4")]),
      sink: "sqlite")
    try await store.write(file.delivery(ssh, [line("bob from 9.9.9.9", "bob", "9.9.9.9")], at: 999), sink: "sqlite")
    let minute = CountRow(pipeline: "ssh_failures", windowMilliseconds: 60_000, labels: #"{"ip":"x"}"#, value: 3)
    try await store.count([minute], counter: "per_ip", with: [])

    let reader = Reader(folder.database)
    #expect(
      reader.rows("SELECT time, path, line FROM matches ORDER BY id DESC LIMIT 20") == [
        ["1970-01-01T00:00:00.999Z", "/var/log/auth.log", "bob from 9.9.9.9"],
        ["2023-11-14T22:13:20.123Z", "/var/log/auth.log", "amy from 1.2.3.4"],
        ["2023-11-14T22:13:20.123Z", "/var/log/auth.log", "root from 1.2.3.4"],
      ])
    #expect(
      reader.rows("SELECT ip, count(*) FROM ssh_failures GROUP BY ip ORDER BY 2 DESC") == [
        ["1.2.3.4", "2"], ["9.9.9.9", "1"],
      ])
    #expect(
      reader.rows("SELECT * FROM counts WHERE counter = 'per_ip' ORDER BY window DESC") == [
        ["per_ip", "ssh_failures", "1970-01-01T00:01:00.000Z", #"{"ip":"x"}"#, "3"]
      ])
    #expect(
      reader.rows("SELECT offset, fields, raw, truncated FROM matches WHERE id = 2") == [
        ["18", #"{"user":"amy","ip":"1.2.3.4"}"#, "NULL", "0"]
      ])
  }

  @Test func theViewsHaveTheColumnsOfTheContract() async throws {
    try await openStore().register([ssh])
    let reader = Reader(folder.database)
    let matches = ["id", "time", "pipeline", "path", "offset", "line", "fields", "raw", "truncated"]
    #expect(reader.columns(of: "matches") == matches)
    #expect(reader.columns(of: "lines") == matches + ["kind", "group_id"])
    #expect(reader.columns(of: "ssh_failures") == ["id", "time", "path", "offset", "line", "user", "ip"])
    #expect(reader.columns(of: "counts") == ["counter", "pipeline", "window", "labels", "value"])
    #expect(reader.columns(of: "gaps") == ["time", "pipeline", "path", "first", "last", "reason"])
    #expect(
      reader.columns(of: "timings") == ["minute", "pipeline", "stage", "batches", "p50_us", "p99_us", "max_us"])
    #expect(reader.columns(of: "rejects") == ["time", "pipeline", "path", "offset", "line", "error"])
    #expect(reader.rows("SELECT value FROM meta WHERE key = 'schema'") == [["\(Schema.current.version)"]])
  }

  @Test func bytesThatAreNotTextAreKept() async throws {
    let store = openStore()
    let all = PipelineLabel(name: "all", fields: [])
    let lines: [[UInt8]] = [
      Array("caf".utf8) + [0xe9, 0xff], [0x61, 0, 0x62], [], Array("ошибка".utf8), [0xc3, 0x28, 0],
    ]
    try await store.write(FakeFile().delivery(all, lines.map { ($0, []) }), sink: "s")
    let rows = Reader(folder.database).rows("SELECT hex(line), typeof(line), hex(raw), typeof(raw) FROM matches")
    #expect(
      rows == [
        ["636166EFBFBDEFBFBD", "text", "636166E9FF", "blob"], ["610062", "text", "", "null"], ["", "text", "", "null"],
        ["D0BED188D0B8D0B1D0BAD0B0", "text", "", "null"], ["EFBFBD2800", "text", "C32800", "blob"],
      ])
    #expect(
      shell("sqlite3 -readonly \(folder.database) 'SELECT hex(line) FROM matches WHERE id = 2'").output == "610062\n")
  }

  @Test func fieldsAreValidJSONWhateverTheyHold() async throws {
    let store = openStore()
    let label = PipelineLabel(name: "p", fields: ["a", "имя"])
    try await store.register([label])
    let hostile = "q\"\\\t\u{1}\u{1b}é\u{7f}"
    var bytes = Array("x\(hostile)y ".utf8)
    bytes.append(0xff)
    let file = FakeFile()
    try await store.write(file.delivery(label, [(Array("x\(hostile)y".utf8), [hostile, nil])]), sink: "s")
    try await store.write(file.delivery(label, [(Array("none".utf8), [nil, nil])]), sink: "s")
    var invalid = file.delivery(label, [(bytes, ["x", "y"])])
    let end = Int32(bytes.count)
    var selection = invalid.selection
    selection.captures[1] = Selection.Capture(start: end - 1, end: end)
    invalid = Delivery(pipeline: label, batch: invalid.batch, selection: selection)
    try await store.write(invalid, sink: "s")
    let reader = Reader(folder.database)
    #expect(
      reader.column("SELECT coalesce(json_valid(fields), 2) + 2 * (fields IS NULL) FROM matches") == ["1", "1", "1"])
    #expect(reader.column("SELECT fields FROM matches WHERE id = 2") == [#"{"a":null,"имя":null}"#])
    #expect(reader.rows("SELECT a, \"имя\" FROM p") == [[hostile, "NULL"], ["NULL", "NULL"], ["x", "\u{fffd}"]])
  }

  @Test(arguments: [
    "a\"b", "x; DROP TABLE match; --", "--", "it's", "[brackets]", "`tick`", "ошибки", "select", " ", "a.b", "/*",
  ])
  func hostilePipelineNamesAreOnlyNames(name: String) async throws {
    let store = openStore()
    let label = PipelineLabel(name: name, fields: ["line", "Line_", "ID", "user"])
    try await store.register([label])
    try await store.register([label])
    try await store.write(
      FakeFile().delivery(label, [line("l i n e", "l", "i", "n", nil)]), sink: "s")
    let reader = Reader(folder.database)
    #expect(
      reader.columns(of: name) == ["id", "time", "path", "offset", "line", "line_", "Line__", "ID_", "user"])
    #expect(
      reader.rows("SELECT line, line_, \"Line__\", \"ID_\", user FROM \(PipelineView.quoted(name))")
        == [["l i n e", "l", "i", "n", "NULL"]])
    #expect(reader.column("SELECT pipeline FROM matches") == [name])
  }

  @Test func aViewFollowsItsPipeline() async throws {
    let store = openStore()
    try await store.register([ssh])
    let reader = Reader(folder.database)
    let version = reader.column("PRAGMA schema_version")
    try await store.register([ssh])
    #expect(reader.column("PRAGMA schema_version") == version, "an unchanged view is left alone")
    try await store.write(FakeFile().delivery(ssh, [line("root", "root", nil)]), sink: "s")
    try await store.register([PipelineLabel(name: "SSH_Failures", fields: ["user", "port"])])
    #expect(reader.rows("SELECT user, port FROM ssh_failures") == [["root", "NULL"]])
    #expect(reader.column("SELECT name FROM pipeline") == ["SSH_Failures"])
    #expect(reader.column("SELECT name FROM sqlite_schema WHERE name LIKE 'ssh%'") == ["SSH_Failures"])
  }

  @Test func whatOthersMadeIsNotDropped() async throws {
    let store = openStore()
    try await store.open()
    let reader = Reader(folder.database)
    reader.run("CREATE TABLE mine(x); CREATE VIEW yours AS SELECT 1")
    for name in ["mine", "YOURS", "match", "Matches", "sqlite_x", "a\0b", ""] {
      await #expect(throws: StoreError.self) { try await store.register([PipelineLabel(name: name, fields: [])]) }
    }
    #expect(reader.column("SELECT count(*) FROM pipeline") == ["0"], "nothing of a refused registration stays")
  }
}
