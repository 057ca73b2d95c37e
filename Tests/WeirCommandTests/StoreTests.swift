import Glibc
import Testing

@Suite struct StoreTests {
  static let config = """
    sinks:
      per_ip: { counter: { by: [ip], every: 1m } }
    pipelines:
      - name: failures
        follow: { path: access.log, from: beginning }
        grep: '^(?<ip>\\S+) .* (?<status>[45]\\d\\d)$'
        broadcast:
          - sqlite
          - per_ip
          - grep: ' 500$'
            broadcast: { printer: { format: text } }
      - name: all
        follow: { path: access.log, from: beginning }
        broadcast: sqlite

    """

  @Test func `the contract's three queries, while the agent writes`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    try folder.append(
      "access.log", "10.0.0.1 GET / 200\n10.0.0.1 GET /a 404\n10.0.0.2 GET /b 500\n10.0.0.1 GET /c 403\n")
    try folder.awaitRows(["7"], "SELECT count(*) FROM matches")
    #expect(
      try folder.query(
        "SELECT pipeline, offset, line FROM matches WHERE pipeline = 'failures' ORDER BY id DESC LIMIT 1")
        == ["failures|59|10.0.0.1 GET /c 403"])
    #expect(
      try folder.query("SELECT ip, count(*) FROM failures GROUP BY ip ORDER BY 2 DESC") == ["10.0.0.1|2", "10.0.0.2|1"])
    try folder.awaitRows(
      [#"failures|{"ip":"10.0.0.1"}|2"#, #"failures|{"ip":"10.0.0.2"}|1"#],
      "SELECT pipeline, labels, sum(value) FROM counts WHERE counter = 'per_ip' GROUP BY 1, 2 ORDER BY 3 DESC")
    try weir.awaitOutput("10.0.0.2 GET /b 500\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "10.0.0.2 GET /b 500\n")
  }

  @Test func `a rotation by logrotate loses and repeats nothing`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("rotate.conf", "\(folder.file("access.log")) {\n rotate 20\n create\n nocompress\n}\n")
    try folder.append("access.log", "")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    for round in 1...5 {
      for number in 0..<50 { try folder.append("access.log", "10.0.0.1 GET /\(round)-\(number) 404\n") }
      try folder.awaitRows(["\(round * 51 - 1)"], "SELECT count(DISTINCT line) FROM failures")
      #expect(
        folder.run("/usr/sbin/logrotate", "-f", "-s", folder.file("state"), folder.file("rotate.conf")) == 0)
      try folder.append("access.log.1", "10.0.0.1 GET /\(round)-late 404\n")  // by a writer that has it open
    }
    try folder.awaitRows(["255|255"], "SELECT count(*), count(DISTINCT line) FROM failures")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `rotations faster than the agent looks are read too`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.append("access.log", "10.0.0.1 GET /first 404\n")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitRows(["1"], "SELECT count(*) FROM failures")
    weir.signal(SIGSTOP)
    for round in 1...5 {
      for number in (1...9).reversed() where access(folder.file("access.log.\(number)"), F_OK) == 0 {
        rename(folder.file("access.log.\(number)"), folder.file("access.log.\(number + 1)"))
      }
      rename(folder.file("access.log"), folder.file("access.log.1"))
      for number in 0..<20 { try folder.append("access.log", "10.0.0.1 GET /\(round)-\(number) 404\n") }
    }
    weir.signal(SIGCONT)
    try folder.awaitRows(["101|101"], "SELECT count(*), count(DISTINCT line) FROM failures")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(try folder.query("SELECT count(*) FROM gaps") == ["0"])
  }

  @Test func `a pipeline for which there is nothing is told of it now and then, and where the file ends`() throws {
    let folder = try Scratch()
    let pipeline = { (name: String) in
      "  - {name: \(name), follow: {path: t.txt, from: beginning}, grep: {match: \(name)}, broadcast: c_\(name)}\n"
    }
    let sinks = "sinks: {c_busy: {counter: {}}, c_quiet: {counter: {}}}\n"
    try folder.write("w.yaml", sinks + "pipelines:\n" + pipeline("busy") + pipeline("quiet"))
    let lines = (0..<100_000).map { "\($0) a busy line of some length\n" }.joined()
    try folder.append("t.txt", lines)
    let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    func batches(_ pipeline: String, _ stage: String) throws -> Int {
      let sql = "SELECT sum(batches) FROM timings WHERE pipeline = '\(pipeline)' AND stage = '\(stage)'"
      return try #require(try folder.query(sql).first.flatMap { Int($0) })
    }
    let count = try batches("busy", "read")
    #expect(try count > 3 && batches("quiet", "read") == count)
    #expect(try batches("busy", "c_busy") == count && batches("quiet", "c_quiet") < count)
    let offsets = "SELECT DISTINCT offset FROM checkpoint"
    #expect(try folder.query(offsets) == ["\(lines.utf8.count)"])
    #expect(try folder.query("SELECT sum(value) FROM counts") == ["100000"])
  }

  @Test func `what lies before the place where a pipeline starts is no gap of it`() throws {
    let folder = try Scratch()
    let sinks = "sinks: {all: {sqlite: {path: weir.db}}}\npipelines:\n"
    func pipeline(_ name: String, _ start: String) -> String {
      "  - {name: \(name), follow: {path: t.txt, from: \(start), max_line: 1KiB}, broadcast: all}\n"
    }
    try folder.write("w.yaml", sinks + pipeline("old", "beginning") + pipeline("new", "end"))
    let long = String(repeating: "x", count: 2000) + "\n"
    try folder.write("t.txt", long + "one\n")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    try folder.append("t.txt", "y" + long + "two\n")
    try folder.awaitRows(["2"], "SELECT count(*) FROM matches WHERE line = 'two'")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    let gaps = ["new|3029|4005", "old|1024|1999", "old|3029|4005"]
    #expect(try folder.query("SELECT pipeline, first, last FROM gaps ORDER BY 1, 2") == gaps)
  }
}
