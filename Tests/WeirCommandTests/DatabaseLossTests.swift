import Glibc
import Testing

/// A database that is removed or replaced under an agent that has nothing to store: noticed within seconds, said once,
/// made anew.
@Suite struct DatabaseLossTests {
  @Test(arguments: [
    "rm weir.db", "rm -f weir.db*", "mv weir.db old.db", "sqlite3 weir.db 'VACUUM INTO \"x\"' && mv x weir.db",
  ])
  func `a lost database is made anew at once, and reading goes on`(how: String) throws {
    let folder = try Scratch()
    let stage = try DatabaseStage(in: folder)
    #expect(folder.run("sh", "-c", "cd \(folder.file("m/data")) && \(how)") == 0)
    try stage.weir.awaitNotice("was deleted or replaced", seconds: 5)
    try folder.awaitRows(["archive|8"], "SELECT sink, offset FROM checkpoint", in: "m/data/weir.db")
    let first = how.hasPrefix("sqlite3") ? 0 : 1
    try stage.store(10)
    try stage.awaitStored(from: first)
    stage.expectSaidOnce("made anew")
    try stage.end()
    try stage.store(5)
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    try stage.awaitStored(from: first)
  }

  @Test func `a folder that is taken away is waited for`() throws {
    let folder = try Scratch()
    let stage = try DatabaseStage(in: folder)
    rename(folder.file("m"), folder.file("gone"))
    try stage.weir.awaitNotice("its folder is missing", seconds: 5)
    try stage.expectPrinting()
    folder.run("mkdir", "-p", folder.file("m/data"))
    try stage.weir.awaitNotice("was deleted or replaced")
    try stage.store(10)
    try stage.awaitStored(from: 1)
    stage.expectSaidOnce("trying again")
    try stage.end()
  }

  @Test func `what took a database's place is left as it is, and said`() throws {
    let folder = try Scratch()
    let stage = try DatabaseStage(in: folder)
    let diary = "a diary that is no database, \(String(repeating: "and is longer ", count: 100))\n"
    try folder.write("diary", diary)
    rename(folder.file("diary"), folder.file("m/data/weir.db"))
    try stage.weir.awaitNotice("file is not a database", seconds: 5)
    try stage.expectPrinting()
    #expect(try folder.read("m/data/weir.db") == diary)
    rename(folder.file("m/data/weir.db"), folder.file("diary"))
    try stage.weir.awaitNotice("was deleted or replaced", seconds: 5)
    try stage.store(10)
    try stage.awaitStored(from: 1)
    try stage.end()
  }
}
