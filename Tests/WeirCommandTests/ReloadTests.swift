import Glibc
import Testing

/// SIGHUP while something is under way.
@Suite struct ReloadTests {
  private static let printing = "pipelines: [{name: p, follow: t.txt, broadcast: printer}]\n"

  /// A config that cannot be read is refused; what was under way goes on.
  private func refuse(_ weir: Program, in folder: Scratch) throws {
    try folder.write("w.yaml", "pipelines: [")
    weir.signal(SIGHUP)
    try weir.awaitNotice("the old one runs on")
  }

  private func end(_ weir: Program) throws {
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `a refused config while the start waits leaves the start under way`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", "database: nowhere/weir.db\n" + Self.printing)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitNotice("trying again")
    try refuse(weir, in: folder)
    #expect(mkdir(folder.file("nowhere"), 0o755) == 0)
    try folder.awaitRows(["1"], "SELECT count(*) FROM pipeline WHERE started", in: "nowhere/weir.db")
    try folder.append("t.txt", "one\n")
    try weir.awaitOutput("one\n")
    try end(weir)
  }

  @Test func `a refused config leaves a reload under way that has cut the start short`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", "database: nowhere/weir.db\n" + Self.printing)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitNotice("nowhere/weir.db: No such file")
    try folder.write("w.yaml", "database: elsewhere/weir.db\n" + Self.printing)
    weir.signal(SIGHUP)
    try weir.awaitNotice("elsewhere/weir.db: No such file")
    try refuse(weir, in: folder)
    #expect(mkdir(folder.file("elsewhere"), 0o755) == 0)
    try weir.awaitNotice("took the config that was read before")
    try folder.append("t.txt", "one\n")
    try weir.awaitOutput("one\n")
    try end(weir)
  }

  /// Nothing has run yet: what is gone back to is what it began with, and not the refused one itself.
  @Test func `where none has run yet, a refused config gives way to the first`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", "database: nowhere/weir.db\n" + Self.printing)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitNotice("nowhere/weir.db: No such file")
    try folder.write("w.yaml", "database: elsewhere/weir.db\n" + Self.printing)
    weir.signal(SIGHUP)
    try weir.awaitNotice("elsewhere/weir.db: No such file")
    try refuse(weir, in: folder)
    folder.run("mkdir", folder.file("other"))
    try folder.write("other/weir.db", "this is no database, and long enough to be told apart from an empty one")
    #expect(rename(folder.file("other"), folder.file("elsewhere")) == 0)
    try weir.awaitNotice("the config was not taken, the old one goes on")
    #expect(mkdir(folder.file("nowhere"), 0o755) == 0)
    try folder.awaitRows(["1"], "SELECT count(*) FROM pipeline WHERE started", in: "nowhere/weir.db")
    try folder.append("t.txt", "one\n")
    try weir.awaitOutput("one\n")
    try end(weir)
  }

  @Test func `a refused config while another database is waited for leaves that change under way`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.printing)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.append("t.txt", "one\n")
    try weir.awaitOutput("one\n")
    try folder.write("w.yaml", "database: nowhere/weir.db\n" + Self.printing)
    weir.signal(SIGHUP)
    try weir.awaitNotice("trying again")
    try refuse(weir, in: folder)
    #expect(mkdir(folder.file("nowhere"), 0o755) == 0)
    try weir.awaitNotice("took the config that was read before")
    try folder.append("t.txt", "two\n")
    try weir.awaitOutput("two\n")
    try end(weir)
  }

  @Test func `a refused config while pipelines are exchanged leaves the exchange under way`() throws {
    let stored = "sinks: {archive: {sqlite: {path: a.db}}}\npipelines: [{name: p, follow: t.txt, broadcast: archive}]\n"
    let both = stored.replacing("}]", with: "}, {name: q, follow: u.txt, broadcast: [archive, printer]}]")
    for (before, after) in [(stored, Self.printing), (stored, both)] {
      let folder = try Scratch()
      try folder.write("w.yaml", before)
      let weir = try Program(["run", "-c", "w.yaml"], in: folder)
      try folder.awaitStart()
      let person = try Person(folder.file("weir.db"))
      person.run("BEGIN IMMEDIATE")
      try folder.write("w.yaml", after)
      weir.signal(SIGHUP)
      try weir.awaitNotice("trying again")
      try refuse(weir, in: folder)
      person.run("COMMIT")
      try weir.awaitNotice("took the config that was read before")
      let file = after == both ? "u.txt" : "t.txt"
      try folder.append(file, "new\n")
      try weir.awaitOutput("new\n")
      try end(weir)
    }
  }

  @Test func `a pipeline goes on while a sink that a reload gives it cannot be opened`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    try folder.write("w.yaml", Self.printing)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: socket.environment)
    #expect(try socket.await_("READY=1") == "READY=1\nSTATUS=following 0 files, 1 pipeline")
    let sinks = "sinks: {archive: {sqlite: {path: disk/a.db}}}\n"
    try folder.write("w.yaml", sinks + Self.printing.replacing("printer}", with: "[printer, archive]}"))
    weir.signal(SIGHUP)
    try weir.awaitNotice("pipeline p goes on as it was until its new sinks are open")
    try weir.awaitNotice("took the config")
    try folder.append("t.txt", "one\n")
    try weir.awaitOutput("one\n")
    #expect(mkdir(folder.file("disk"), 0o755) == 0)
    while try socket.await_("STATUS=") != "STATUS=following 1 file, 1 pipeline" {}
    try folder.append("t.txt", "two\n")
    try weir.awaitOutput("two\n")
    try folder.awaitRows(["two"], "SELECT line FROM matches", in: "disk/a.db")
    try end(weir)
    #expect(weir.printed == "one\ntwo\n")
  }

  @Test func `the config that it began with is read again, also where another would be found`() throws {
    let folder = try Scratch()
    try folder.write("weir.yaml", Self.printing)
    let weir = try Program(["run"], in: folder)
    try folder.awaitStart()
    #expect(unlink(folder.file("weir.yaml")) == 0)
    weir.signal(SIGHUP)
    try weir.awaitNotice("weir.yaml: error: cannot be read")
    #expect(!weir.said.contains("/etc/weir"), "\(weir.said)")
    try folder.write("weir.yaml", Self.printing)
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    try end(weir)
  }

  /// It has no sink that the new one has, and for all that nothing is read again.
  @Test func `a pipeline goes on while the one sink that it is given instead cannot be opened`() throws {
    let folder = try Scratch()
    func config(_ path: String) -> String {
      "sinks: {archive: {sqlite: {path: \(path)}}}\n" + Self.printing.replacing("printer}", with: "archive}")
    }
    let socket = try ServiceSocket(at: folder.file("notify"))
    try folder.write("w.yaml", config("a.db"))
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: socket.environment)
    #expect(try socket.await_("READY=1").hasPrefix("READY=1"))
    try folder.append("t.txt", "one\n")
    try folder.awaitRows(["one"], "SELECT line FROM matches", in: "a.db")
    try folder.write("w.yaml", config("disk/b.db"))
    weir.signal(SIGHUP)
    try weir.awaitNotice("pipeline p goes on as it was until its new sinks are open")
    try folder.append("t.txt", "two\n")
    try folder.awaitRows(["one", "two"], "SELECT line FROM matches ORDER BY id", in: "a.db")
    #expect(mkdir(folder.file("disk"), 0o755) == 0)
    #expect(try socket.await_("READY=1").hasSuffix("0 of 1 pipelines: the others wait for sinks"))
    while try socket.await_("STATUS=") != "STATUS=following 1 file, 1 pipeline" {}
    try folder.append("t.txt", "three\n")
    try folder.awaitRows(["three"], "SELECT line FROM matches", in: "disk/b.db")
    try end(weir)
    try folder.awaitRows(["one", "two"], "SELECT line FROM matches ORDER BY id", in: "a.db")
  }

  @Test func `a sink that fails when it comes at last is set apart, and the others go on`() throws {
    let folder = try Scratch()
    let archived = "  - {name: q, follow: t.txt, broadcast: archive}\n"
    let sinks = "sinks: {archive: {sqlite: {path: disk/a.db}}}\npipelines:\n"
    let config = sinks + "  - {name: p, follow: t.txt, broadcast: printer}\n" + archived
    try folder.write("w.yaml", config)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    folder.run("mkdir", folder.file("other"))
    let newer = try Person(folder.file("other/a.db"))
    newer.run("CREATE TABLE meta(key TEXT PRIMARY KEY, value); INSERT INTO meta VALUES('schema', 99)")
    #expect(rename(folder.file("other"), folder.file("disk")) == 0)
    try weir.awaitNotice("sink archive failed and is set apart: ")
    try folder.append("t.txt", "one\n")
    try weir.awaitOutput("one\n")
    // A config that cannot be opened leaves it so; one that can has it back.
    weir.signal(SIGHUP)
    try weir.awaitNotice("the old one goes on")
    try folder.append("t.txt", "two\n")
    try weir.awaitOutput("two\n")
    try folder.write("w.yaml", config.replacing("disk/a.db", with: "b.db"))
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    try folder.append("t.txt", "three\n")
    try weir.awaitOutput("three\n")
    try folder.awaitRows(["1"], "SELECT count(*) FROM matches WHERE line = 'three'", in: "b.db")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 1, "a sink has failed")
    #expect(weir.printed == "one\ntwo\nthree\n")
  }

  /// The sink is made anew, and its pipeline does not go on where it is: that would be a hole in what is stored.
  @Test func `what a sink missed that was set apart is read when a reload has it again`() throws {
    let folder = try Scratch()
    let sinks = "sinks: {archive: {sqlite: {path: a.db}}}\n"
    try folder.write("w.yaml", sinks + Self.printing.replacing("printer}", with: "[printer, archive]}"))
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.append("t.txt", "one\n")
    try folder.awaitRows(["one"], "SELECT line FROM matches", in: "a.db")
    try folder.write("diary", "no database, \(String(repeating: "and longer than an empty one ", count: 10))")
    #expect(rename(folder.file("diary"), folder.file("a.db")) == 0)
    try weir.awaitNotice("file is not a database")
    try folder.append("t.txt", "two\n")
    try weir.awaitNotice("sink archive failed and is set apart")
    try folder.append("t.txt", "three\n")
    try weir.awaitOutput("three\n")
    #expect(rename(folder.file("a.db"), folder.file("diary")) == 0)
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    try folder.append("t.txt", "four\n")
    try folder.awaitRows(["two", "three", "four"], "SELECT line FROM matches ORDER BY id", in: "a.db")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 1, "a sink has failed")
    #expect(weir.printed == "one\ntwo\nthree\nfour\n")
  }

  @Test func `where each pipeline needs a sink that failed when it came at last, the run is over`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    let sinks = "sinks: {archive: {sqlite: {path: disk/a.db}}}\n"
    try folder.write("w.yaml", sinks + Self.printing.replacing("printer}", with: "[printer, archive]}"))
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: socket.environment)
    try socket.await_("STATUS=following 0 files, 0 of 1 pipelines: the others wait for sinks")
    folder.run("mkdir", folder.file("other"))
    try folder.write("other/a.db", "this is no database, and long enough to be told apart from an empty one")
    #expect(rename(folder.file("other"), folder.file("disk")) == 0)
    #expect(try weir.awaitEnd() == 1)
    #expect(weir.said.contains("sink archive failed and is set apart"), "\(weir.said)")
  }
}
