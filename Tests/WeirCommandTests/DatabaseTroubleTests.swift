import Glibc
import Testing

/// What can happen to a database while an agent uses it: each is said once, nothing is lost or repeated, and the agent
/// goes on by itself.
@Suite struct DatabaseTroubleTests {
  @Test(.enabled(if: Mount.isPossible, "mounts file systems"))
  func `a full disk is waited for`() throws {
    let folder = try Scratch()
    let mount = try Mount(.memory(kibibytes: 800), in: folder)
    let stage = try DatabaseStage(in: folder)
    try stage.store(3000, padding: 300)
    try stage.weir.awaitNotice("trying again")
    try stage.expectPrinting()
    #expect(stage.weir.said.contains("full"))
    try mount.enlarge(toKibibytes: 64 << 10)
    try stage.awaitStored()
    try stage.weir.awaitNotice("works again")
    stage.expectSaidOnce("archive: cannot write")
    try stage.end()
  }

  @Test func `a writer that holds the database for long is waited for`() throws {
    let folder = try Scratch()
    let stage = try DatabaseStage(in: folder)
    let person = try Person(folder.file("m/data/weir.db"))
    person.run("BEGIN EXCLUSIVE")
    try stage.store(100)
    try stage.weir.awaitNotice("trying again")
    try stage.expectPrinting()
    try stage.store(100)
    person.run("COMMIT")
    try stage.awaitStored()
    try stage.weir.awaitNotice("works again")
    stage.expectSaidOnce("archive: cannot write")
    try stage.end()
  }

  @Test(.enabled(if: Mount.isPossible, "mounts file systems"))
  func `a disk that turns read-only is waited for, until it was mended`() throws {
    let folder = try Scratch()
    let mount = try Mount(.disk, in: folder)
    let stage = try DatabaseStage(in: folder)
    #expect(folder.run("sync", "-f", folder.file("m/data/weir.db")) == 0)  // what is not on the disk is lost with it
    try mount.fail()
    try stage.store(100)
    try stage.weir.awaitNotice("trying again")
    try stage.expectPrinting()
    mount.detach()
    try mount.mend()
    try #require(mount.mount() == 0)
    try stage.awaitStored()
    try stage.weir.awaitNotice("works again")
    stage.expectSaidOnce("archive: cannot write")
    try stage.end()
  }
}
