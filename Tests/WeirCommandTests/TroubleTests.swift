import Glibc
import Testing

/// What goes wrong around the agent, and passes.
@Suite struct TroubleTests {
  @Test func `a database that is locked at the start is waited for`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", RunTests.smallest)
    try folder.write("t.txt", "")
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    let person = try Person(folder.file("weir.db"))
    person.run("BEGIN IMMEDIATE")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitNotice("trying again")
    try folder.append("t.txt", "python\n")
    person.run("COMMIT")
    try weir.awaitOutput("python\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `a reload while the database is locked loses and repeats nothing`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", RunTests.smallest)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    let person = try Person(folder.file("weir.db"))
    try folder.append("t.txt", "python 1\n")
    try weir.awaitOutput("python 1\n")
    person.run("BEGIN IMMEDIATE")
    weir.signal(SIGHUP)
    try weir.awaitNotice("trying again")
    try folder.append("t.txt", "python 2\n")
    person.run("COMMIT")
    try weir.awaitOutput("python 2\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "python 1\npython 2\n")
  }

  @Test func `a database whose folder is missing is waited for, and the wait can be ended`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", "database: nowhere/w.db\n" + RunTests.smallest)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitNotice("trying again")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd(seconds: 8) == 0)
  }

  @Test func `a config that cannot start leaves the old one and its locks`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", RunTests.smallest)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.write("other.db", "this is no database, and long enough to be told apart from an empty one")
    try folder.write("w.yaml", RunTests.smallest + "database: other.db\n")
    weir.signal(SIGHUP)
    try weir.awaitNotice("the old one goes on")
    try folder.append("t.txt", "python\n")
    try weir.awaitOutput("python\n")
    try folder.write("w.yaml", RunTests.smallest)
    #expect(try Program(["run", "-c", "w.yaml"], in: folder).awaitEnd() == 1)
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `once ends 1 when a file that is there was not read`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "one\n")
    let weir = try Program(["follow", "a.log", "/etc", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 1)
    #expect(weir.printed == "\(folder.file("a.log")): one\n")
    #expect(weir.said.contains("/etc is a folder"))
  }

  /// From cron, one would stand behind the other. What passes by itself is waited for.
  @Test func `once ends 1 where a person has to mend a database`() throws {
    let folder = try Scratch()
    try folder.write("t.txt", "python\n")
    let sinks = "sinks: {archive: {sqlite: {path: nowhere/a.db}}}\n"
    for config in ["database: nowhere/w.db\n" + RunTests.smallest, sinks + Self.archiving] {
      try folder.write("w.yaml", config)
      let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
      #expect(try weir.awaitEnd(seconds: 8) == 1)
      #expect(weir.said.contains("its folder is missing"), "\(weir.said)")
      #expect(!weir.said.contains("trying again"))
    }
    try folder.write("w.yaml", RunTests.smallest)
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    let person = try Person(folder.file("weir.db"))
    person.run("BEGIN IMMEDIATE")
    try folder.append("t.txt", "python 2\n")
    let waiting = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    try waiting.awaitNotice("trying again")
    person.run("COMMIT")
    #expect(try waiting.awaitEnd() == 0)
    #expect(waiting.printed == "python 2\n")
  }

  private static let archiving = "pipelines: [{name: p, follow: t.txt, broadcast: archive}]\n"

  @Test(.enabled(if: Mount.isPossible, "mounts file systems"))
  func `once ends 1 where a database is on a disk that is read-only`() throws {
    let folder = try Scratch()
    let mount = try Mount(.memory(kibibytes: 4000), in: folder)
    defer { withExtendedLifetime(mount) {} }
    try folder.write("t.txt", "python\n")
    try folder.write("w.yaml", "database: m/weir.db\n" + RunTests.smallest)
    for isThere in [false, true] {
      if isThere {
        #expect(folder.run("mount", "-o", "remount,rw", folder.file("m")) == 0)
        #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
      }
      #expect(folder.run("mount", "-o", "remount,ro", folder.file("m")) == 0)
      let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
      #expect(try weir.awaitEnd(seconds: 8) == 1)
      #expect(weir.said.contains("Read-only file system"), "\(weir.said)")
    }
  }

  @Test func `timings belong to their minute`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", RunTests.smallest)
    try folder.write("t.txt", "python\n")
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    #expect(try folder.query("SELECT stage FROM timings ORDER BY 1") == ["grep", "printer", "read", "total"])
    #expect(try folder.query("SELECT count(*) FROM timings WHERE minute < '2020'") == ["0"])
  }

  @Test func `a command line's new file begins at its end, also beside a database that knows another`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "a old\n")
    try folder.write("b.log", "b old\n")
    #expect(try Program(["follow", "a.log", "--sqlite", "m.db", "--once"], in: folder).awaitEnd() == 0)
    let weir = try Program(["follow", "b.log", "--sqlite", "m.db"], in: folder)
    for _ in 0..<200 where !weir.hasOutput("b new") {
      try folder.append("b.log", "b new\n")
      poll(nil, 0, 20)  // until weir has started
    }
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.hasOutput("b new") && !weir.printed.contains("b old"))
  }

  @Test func `closed standard descriptors do not matter to those that are open`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "one\n")
    func status(_ redirections: String) -> Int32 {
      folder.run("sh", "-c", "cd \(folder.path) && timeout 20 \(Program.path) follow - a.log --once \(redirections)")
    }
    #expect(status("<&- >out 2>&-") == 0)
    #expect(folder.run("sh", "-c", "grep -q one \(folder.file("out"))") == 0)
    #expect(status("<&- >&- 2>&-") == 1)
  }
}
