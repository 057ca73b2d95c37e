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
}
