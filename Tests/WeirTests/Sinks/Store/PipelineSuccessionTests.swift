import SystemPackage
import Testing

@testable import Weir

/// A pipeline under a new name goes on with what was stored of it, and nobody else does.
@Suite struct PipelineSuccessionTests {
  private let folder = StoreFolder()
  private let log = LogRecord()

  private func label(_ name: String) -> PipelineLabel { PipelineLabel(name: name, fields: ["ip"]) }

  private func claim(_ name: String, plan: String = "same", present: [String] = []) -> PipelineClaim {
    PipelineClaim(label: label(name), plan: plan, present: Set((present + [name]).map(\.nameKey)))
  }

  private func line(_ text: String, in file: FakeFile, for name: String) -> Delivery {
    file.delivery(label(name), [(Array(text.utf8), [text])])
  }

  /// A store in which each of these pipelines has a line.
  private func store(with names: String...) async throws -> Store {
    let store = StoreShelf(log: log.logger).store(at: folder.database)
    for (index, name) in names.enumerated() {
      try await store.register([label(name)])
      try await store.settle([claim(name, present: names)])
      let file = FakeFile(FilePath("/\(name)"), inode: UInt64(index))
      try await store.write(line(name, in: file, for: name), sink: "s")
      try await store.count(
        [CountRow(pipeline: name, windowMilliseconds: -1, labels: "{}", value: 3)], counter: "c", with: [])
    }
    return store
  }

  private func rows(_ sql: String) -> [[String]] { Reader(folder.database).rows(sql) }

  @Test func whatWasStoredGoesAlong() async throws {
    let store = try await store(with: "old")
    try await store.markStarted(["old"])
    try await store.register([label("new")])
    try await store.settle([claim("New", present: ["other"])])
    #expect(rows("SELECT name, started, plan FROM pipeline") == [["New", "1", "same"]])
    #expect(rows("SELECT line, ip FROM new") == [["old", "old"]])
    #expect(rows("SELECT name FROM sqlite_schema WHERE type = 'view' AND name IN ('old', 'New')") == [["New"]])
    #expect(rows("SELECT pipeline, value FROM counts") == [["New", "3"]])
    #expect(try await store.checkpoints(sink: "s", pipeline: "New").map(\.path) == ["/old"])
    #expect(try await store.hasRunBefore("New"))
    #expect(log.all.count == 1)
    // What is still under way is the heir's, and it is settled once.
    try await store.write(line("late", in: FakeFile("/late", inode: 9), for: "old"), sink: "s")
    try await store.settle([claim("New")])
    #expect(rows("SELECT line FROM new ORDER BY id") == [["old"], ["late"]])
    #expect(rows("SELECT count(*) FROM pipeline") == [["1"]])
    #expect(log.all.count == 1)
  }

  @Test func aDatabaseThatIsMadeAnewKnowsTheNewNameAlone() async throws {
    let store = try await store(with: "old")
    try await store.settle([claim("new")])
    try await store.register([label("new")])
    #expect(shell("rm \(folder.database)*").status == 0)
    try await untilUnlocked { try await store.write(line("a", in: FakeFile("/x", inode: 5), for: "new"), sink: "s") }
    #expect(rows("SELECT name FROM pipeline ORDER BY id") == [["new"]])
    #expect(
      rows("SELECT p.name, f.path FROM checkpoint JOIN pipeline p ON p.id = pipeline JOIN file f ON f.id = file")
        == [["new", "/old"], ["new", "/x"]])
  }

  @Test func whereTwoCouldBeMeantNobodyIs() async throws {
    let store = try await store(with: "one", "two")
    try await store.settle([claim("new")])
    #expect(rows("SELECT name FROM pipeline ORDER BY id") == [["one"], ["two"], ["new"]])
    #expect(try await store.checkpoints(sink: "s", pipeline: "new").isEmpty)
    #expect(log.all == [])
  }

  @Test func whoIsStillThereKeepsItsOwn() async throws {
    let store = try await store(with: "old")
    try await store.settle([claim("new", present: ["old"])])
    #expect(rows("SELECT name FROM pipeline ORDER BY id") == [["old"], ["new"]])
  }

  @Test func anotherPlanIsAnotherPipeline() async throws {
    let store = try await store(with: "old")
    try await store.settle([claim("new", plan: "different")])
    #expect(rows("SELECT name, plan FROM pipeline ORDER BY id") == [["old", "same"], ["new", "different"]])
  }

  @Test(arguments: ["match", "checkpoint", "started"]) func whoHasItsOwnTakesOverNothing(of what: String) async throws {
    let store = try await store(with: "old")
    try await store.register([label("new")])
    switch what {
    case "match":
      let stream = Origin(path: "-", identity: nil)
      let template = line("own", in: FakeFile("/own", inode: 8), for: "new")
      let batch = Batch(
        origin: stream, start: 0, end: template.batch.end, block: Block(copying: Array("own\n".utf8)), range: 0..<4,
        isTruncated: false, head: .none, marker: .none, readAtMilliseconds: 0)
      try await store.write(
        Delivery(pipeline: label("new"), batch: batch, selection: template.selection), sink: "s")
    case "checkpoint": try await store.keep([kept("new")])
    default: try await store.markStarted(["new"])
    }
    try await store.settle([claim("new")])
    #expect(rows("SELECT name, plan FROM pipeline ORDER BY id") == [["old", "same"], ["new", "same"]])
  }

  private func kept(_ name: String) -> KeptCheckpoint {
    let delivery = line("own", in: FakeFile("/own", inode: 8), for: name)
    return KeptCheckpoint(sink: "s", pipeline: name, checkpoint: delivery.batch.checkpoint!)
  }

  @Test func aViewThatAPersonMadeOfTheFormerNameStays() async throws {
    let store = try await store(with: "old")
    Reader(folder.database).run("DROP VIEW old; CREATE VIEW old AS SELECT 'mine' AS x")
    try await store.register([label("new")])
    try await store.settle([claim("new")])
    #expect(rows("SELECT x FROM old") == [["mine"]])
    #expect(rows("SELECT line FROM new") == [["old"]])
  }

  @Test func aNameThatComesBackIsItsOwnAgain() async throws {
    let store = try await store(with: "old")
    try await store.settle([claim("new")])
    // Both are in the config now: the name is a new pipeline's.
    try await store.register([label("old")])
    try await store.settle([claim("old", plan: "different", present: ["new"])])
    try await store.write(line("again", in: FakeFile("/again", inode: 9), for: "old"), sink: "s")
    #expect(rows("SELECT pipeline, line FROM matches ORDER BY id") == [["new", "old"], ["old", "again"]])
  }

  /// As the database tells names: by bytes, and without regard to the case of ASCII letters alone.
  @Test(arguments: [
    ("\u{C9}xito", "\u{E9}xito"), ("caf\u{E9}", "cafe\u{301}"), ("cafe\u{301}", "caf\u{E9}"), ("Old", "oLD"),
  ])
  func aNameOfOtherBytesIsAnotherName(_ former: String, _ name: String) async throws {
    let store = try await store(with: former)
    try await store.register([label(name)])
    try await store.settle([PipelineClaim(label: label(name), plan: "same", present: [name.nameKey])])
    #expect(rows("SELECT pipeline, line FROM matches").map { Array($0[1].utf8) } == [Array(former.utf8)])
    #expect(rows("SELECT name FROM pipeline").map { Array($0[0].utf8) } == [Array(name.utf8)])
  }

  @Test func namesThatDifferInTheirNormalFormAreTwo() async throws {
    let store = try await store(with: "caf\u{E9}", "cafe\u{301}")
    #expect(rows("SELECT count(*) FROM pipeline") == [["2"]])
    #expect(rows("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'caf%'") == [["2"]])
    #expect(rows("SELECT count(*) FROM \"cafe\u{301}\"") == [["1"]])
    await store.close()
  }
}
