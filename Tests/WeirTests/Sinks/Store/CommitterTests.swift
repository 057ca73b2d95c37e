import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// What is held while more of a file is there, and until when.
@Suite struct CommitterTests {
  private func column(_ stage: SinkStage, _ sql: String) -> [String] { Reader(stage.folder.database).column(sql) }

  @Test func linesBeforeMoreAreHeldAndCommittedWithTheLast() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile()
      let before = try stage.commitCount()
      try await coroutine.send([stage.linesBeforeMore(file, "a", "b")])
      try await coroutine.send([stage.linesBeforeMore(file, "c")])
      #expect(stage.offset == [] && column(stage, "SELECT line FROM p") == [])
      try await coroutine.send([stage.lines(file, "d")])
      #expect(stage.offset == ["8"] && column(stage, "SELECT line FROM p") == ["a", "b", "c", "d"])
      #expect(try stage.commitCount() == before + 1)
      try await coroutine.close()
    }
  }

  @Test func whatIsHeldIsCommittedASecondLaterAndAtTheEnd() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile()
      try await coroutine.send([stage.linesBeforeMore(file, "a")])
      try await stage.scheduler.sleep(for: CommitPace.longestHold)
      try await waitUntil(on: stage.scheduler) { stage.offset == ["2"] }
      try await coroutine.send([stage.linesBeforeMore(file, "b")])
      #expect(stage.offset == ["2"])
      try await coroutine.close()
      #expect(stage.offset == ["4"] && column(stage, "SELECT line FROM p") == ["a", "b"])
    }
  }

  /// Not only is it taken: while the database is another's, nothing is committed.
  @Test func muchIsCommittedWhileTheNextIsTaken() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile()
      let long = String(repeating: "x", count: HeldLines.fullBytes / 2)
      try await coroutine.send([stage.linesBeforeMore(file, long)])
      #expect(stage.offset == [])
      let other = Reader(stage.folder.database)
      other.run("BEGIN IMMEDIATE")
      let rest = [stage.linesBeforeMore(file, long), stage.linesBeforeMore(file, "next")]
      let sending = stage.scheduler.spawn(name: "send") {
        for delivery in rest { try await coroutine.send([delivery]) }
      }
      try await waitUntil(on: stage.scheduler) { sending.result != nil }
      #expect(stage.offset == [])
      other.run("COMMIT")
      try await waitUntil(on: stage.scheduler) { column(stage, "SELECT count(*) FROM p") == ["3"] }
      try await coroutine.close()
    }
  }

  /// Else a pipeline that goes on after a reload would begin before what is about to be stored.
  @Test func whoAsksForCheckpointsGetsThoseOfWhatIsHeld() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let sink = try stage.make(SQLiteRecipe())
      let coroutine = try await stage.start(sink)
      try await coroutine.send([stage.linesBeforeMore(FakeFile(), "a", "b")])
      #expect(try await sink.checkpoints(of: [stage.label])?[0].map(\.offset) == [4])
      #expect(column(stage, "SELECT line FROM p") == ["a", "b"])
      try await coroutine.close()
    }
  }

  /// Where a file was before its inode got another content is kept of it: its copy is read from there.
  @Test func eachGenerationHasItsCheckpoint() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let sink = try stage.make(SQLiteRecipe())
      let coroutine = try await stage.start(sink)
      try await coroutine.send([stage.linesBeforeMore(FakeFile(), "first", "content")])
      try await coroutine.send([FakeFile().passing(stage.label, byteCount: 0)])
      try await coroutine.send([stage.linesBeforeMore(FakeFile(), "second")])
      try await coroutine.send([stage.lines(FakeFile(), "3")])
      #expect(stage.offset == ["2"])
      let former = try await sink.formerCheckpoints(of: [stage.label])[0]
      #expect(former.map(\.checkpoint.offset) == [14, 7])
      #expect(column(stage, "SELECT line FROM p") == ["first", "content", "second", "3"])
      try await coroutine.close()
    }
  }

  @Test func aQuietFileGoesBeforeWhatIsHeldOfABusyOne() throws {
    var stage = SinkStage(clock: VirtualClock())
    stage.isAlone = true
    try stage.scheduler.run { [stage] in
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let (busy, quiet) = (FakeFile(), FakeFile("/var/log/quiet.log", inode: 8))
      try await coroutine.send([stage.linesBeforeMore(busy, "a")])
      try await coroutine.send([stage.lines(quiet, "q")])
      #expect(column(stage, "SELECT line FROM p") == ["q"] && stage.offset == ["2"])
      try await coroutine.send([quiet.passing(stage.label, byteCount: 3)])
      try await coroutine.send([stage.lines(quiet, "r")])
      #expect(column(stage, "SELECT line FROM p") == ["q", "r"] && stage.offset == ["7"])
      try await coroutine.send([stage.lines(busy, "b")])
      #expect(column(stage, "SELECT line FROM p") == ["q", "r", "a", "b"])
      #expect(Set(stage.offset) == ["4", "7"])
      try await coroutine.close()
    }
  }

  /// Much of a quiet file goes before what is held too, but not on the thread that everybody waits for.
  @Test func whatAQuietFileHasIsCommittedAtOnceWhereItIsLittle() throws {
    var stage = SinkStage(clock: VirtualClock())
    stage.isAlone = true
    try stage.scheduler.run { [stage] in
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let (busy, quiet) = (FakeFile(), FakeFile("/var/log/quiet.log", inode: 8))
      try await coroutine.send([stage.linesBeforeMore(busy, "a")])
      func send(_ count: Int) async throws -> Int {
        let before = stage.here.guestCount
        let lines: [(line: [UInt8], fields: [String?])] = (0..<count).map { _ in (Array("q".utf8), ["q"]) }
        try await coroutine.send([quiet.delivery(stage.label, lines)])
        return stage.here.guestCount - before
      }
      #expect(try await send(Promptness.rows) == 1)
      #expect(try await send(Promptness.rows + 1) == 0)
      #expect(column(stage, "SELECT count(*) FROM p") == ["\(2 * Promptness.rows + 1)"])
      try await coroutine.close()
    }
  }

  @Test func theEndOfAFileCommitsWhatIsHeldAlsoWithoutALine() throws {
    var stage = SinkStage(clock: VirtualClock())
    stage.isAlone = true
    try stage.scheduler.run { [stage] in
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile()
      try await coroutine.send([stage.linesBeforeMore(file, "a")])
      #expect(stage.offset == [])
      try await coroutine.send([file.passing(stage.label, byteCount: 10)])
      #expect(stage.offset == ["12"] && column(stage, "SELECT line FROM p") == ["a"])
      try await coroutine.close()
    }
  }

  /// A checkpoint that is tried again would be set after a newer one, and lines be read twice.
  @Test func nobodyOvertakesWhatIsTriedAgainForTheSameFile() throws {
    var stage = SinkStage(clock: VirtualClock())
    stage.isAlone = true
    try stage.scheduler.run { [stage] in
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let (busy, quiet) = (FakeFile(), FakeFile("/var/log/quiet.log", inode: 8))
      try await coroutine.send([stage.lines(quiet, "p")])
      let other = Reader(stage.folder.database)
      other.run("BEGIN EXCLUSIVE")
      try await coroutine.send([quiet.passing(stage.label, byteCount: 10)])
      try await waitUntil(on: stage.scheduler) { !stage.log.all.isEmpty }  // a second later it is tried in vain
      other.run("COMMIT")
      try await coroutine.send([stage.linesBeforeMore(busy, "a")])
      try await coroutine.send([stage.lines(quiet, "q")])
      try await coroutine.close()
      #expect(Set(stage.offset) == ["14", "2"])
      #expect(Set(column(stage, "SELECT line FROM p")) == ["p", "a", "q"])
    }
  }

  @Test func linesOfOneLogStayInOrder() throws {
    var stage = SinkStage(clock: VirtualClock())
    stage.isAlone = true
    try stage.scheduler.run { [stage] in
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      try await coroutine.send([stage.linesBeforeMore(FakeFile(), "rotated")])
      try await coroutine.send([stage.lines(FakeFile(inode: 8), "new")])
      #expect(column(stage, "SELECT line FROM p") == ["rotated", "new"])
      try await coroutine.close()
    }
  }

  @Test func aStoreThatFailsInTheBackgroundSetsTheSinkApart() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      Reader(stage.folder.database).run("DROP TABLE match")
      try await coroutine.send([stage.linesBeforeMore(FakeFile(), "a")])
      try await stage.scheduler.sleep(for: CommitPace.longestHold)
      try await waitUntil(on: stage.scheduler) { coroutine.hasEnded }
      #expect(stage.offset == [])
    }
  }

  @Test func aCounterAddsUpWhatItHolds() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(CounterRecipe(by: ["ip"])))
      let file = FakeFile()
      let before = try stage.commitCount()
      for _ in 1...3 { try await coroutine.send([stage.linesBeforeMore(file, "1.1.1.1", "2.2.2.2")]) }
      #expect(column(stage, "SELECT count(*) FROM count") == ["0"])
      try await coroutine.send([stage.lines(file, "1.1.1.1")])
      #expect(column(stage, "SELECT value FROM counts ORDER BY value DESC") == ["4", "3"])
      #expect(try stage.commitCount() == before + 1)
      try await coroutine.close()
    }
  }
}
