import Glibc
import Testing

/// A pipeline that gets another name in the config goes on where it was, as if nothing had happened.
@Suite struct RenameTests {
  static let config = """
    sinks: { archive: { sqlite: { path: archive.db } }, per_ip: { counter: { by: [ip] } } }
    pipelines:
      - name: failures
        follow: app.log
        grep: 'from (?<ip>\\S+)'
        broadcast: [sqlite, archive, per_ip, printer]
      - name: other
        follow: app.log
        grep: other
        broadcast: sqlite

    """

  private func lines(_ range: Range<Int>) -> String { range.map { "line \($0) from 10.0.0.\($0)\nother\n" }.joined() }

  /// Ten lines before the rename and five after, each stored once in both databases, counted and printed once.
  private func check(_ folder: Scratch, printed: String) throws {
    let expected = (0..<15).map { "line \($0) from 10.0.0.\($0)" }
    for database in ["weir.db", "archive.db"] {
      #expect(try folder.query("SELECT line FROM intruders ORDER BY id", in: database) == expected, "\(database)")
      let names = "SELECT DISTINCT pipeline FROM matches WHERE line LIKE '%from%'"
      #expect(try folder.query(names, in: database) == ["intruders"])
      #expect(try folder.query("SELECT name FROM sqlite_schema WHERE name = 'failures'", in: database) == [])
    }
    #expect(try folder.query("SELECT ip FROM intruders ORDER BY id LIMIT 1") == ["10.0.0.0"])
    #expect(try folder.query("SELECT pipeline, sum(value), max(value) FROM counts GROUP BY 1") == ["intruders|15|1"])
    #expect(try folder.query("SELECT count(*) FROM other") == ["15"])
    #expect(try folder.query("SELECT name FROM pipeline ORDER BY 1") == ["intruders", "other"])
    #expect(printed == expected.map { $0 + "\n" }.joined())
  }

  @Test func `between two runs`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("app.log", "")
    var weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    try folder.append("app.log", lines(0..<10))
    try folder.awaitRows(["20"], "SELECT count(*) FROM matches")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    var printed = weir.printed
    try folder.write("w.yaml", Self.config.replacing("failures", with: "intruders"))
    try folder.append("app.log", lines(10..<13))
    weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitRows(["26"], "SELECT count(*) FROM matches")
    try folder.append("app.log", lines(13..<15))
    try folder.awaitRows(["30"], "SELECT count(*) FROM matches")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    printed += weir.printed
    #expect(weir.said.contains("goes on where failures was"))
    try check(folder, printed: printed)
  }

  @Test func `while it runs`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("app.log", "")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    try folder.append("app.log", lines(0..<10))  // and at once:
    try folder.write("w.yaml", Self.config.replacing("failures", with: "intruders"))
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    try folder.append("app.log", lines(10..<15))
    try folder.awaitRows(["15"], "SELECT count(*) FROM matches WHERE pipeline = 'intruders'")
    try folder.awaitRows(["15"], "SELECT count(*) FROM other")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    try check(folder, printed: weir.printed)
  }

  @Test func `while a database takes nothing, and what was read is under way to it`() throws {
    let folder = try Scratch()
    let config = Self.config.replacing("follow: app.log\n    grep: other", with: "follow: b.log\n    grep: other")
    try folder.write("w.yaml", config)
    try folder.write("app.log", "")
    try folder.write("b.log", "")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    let person = try Person(folder.file("archive.db"))
    person.run("BEGIN IMMEDIATE")
    try folder.append("app.log", lines(0..<10))
    try weir.awaitNotice("archive: cannot write")
    // The pauses before another try have grown by then: whoever asks later is answered first.
    for count in 1...15 {
      try folder.append("b.log", "other\n")
      try folder.awaitRows(["\(count)"], "SELECT count(*) FROM other")
    }
    try folder.write("w.yaml", config.replacing("failures", with: "intruders"))
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    try folder.append("app.log", lines(10..<15))
    person.run("COMMIT")
    try folder.awaitRows(["15"], "SELECT count(*) FROM intruders")
    try folder.awaitRows(["15"], "SELECT count(*) FROM intruders", in: "archive.db")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    try check(folder, printed: weir.printed)
  }

  @Test func `a hundred times under load`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("app.log", "")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    for round in 0..<100 {
      try folder.append("app.log", (0..<20).map { "line \(round * 20 + $0) from 10.0.0.1\n" }.joined())
      try folder.write("w.yaml", Self.config.replacing("failures", with: "name\(round)"))
      weir.signal(SIGHUP)
      if round % 10 == 0 { try weir.awaitNotice("took the config") }
    }
    try folder.write("w.yaml", Self.config.replacing("failures", with: "last"))
    weir.signal(SIGHUP)
    try folder.append("app.log", "line 2000 from 10.0.0.1\n")
    try folder.awaitRows(["2001|2001"], "SELECT count(*), count(DISTINCT line) FROM last", seconds: 60)
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    let all = (0...2000).map { "line \($0) from 10.0.0.1" }
    #expect(try folder.query("SELECT line FROM matches WHERE line LIKE '%from%' ORDER BY id") == all)
    #expect(try folder.query("SELECT sum(value) FROM counts") == ["2001"])
    #expect(weir.printed.split(separator: "\n").map(String.init) == all)
  }

  @Test func `another follow or grep under another name is a new pipeline`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("app.log", "")
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    try folder.append("app.log", lines(0..<10))
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    try folder.write(
      "w.yaml", Self.config.replacing("failures", with: "intruders").replacing("'from ", with: "'line .* from "))
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    #expect(try folder.query("SELECT count(*) FROM failures") == ["10"])
    #expect(try folder.query("SELECT count(*) FROM intruders") == ["10"])
  }
}
