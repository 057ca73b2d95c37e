import Coroutines
import Logging
import SystemPackage
import Testing

@testable import Weir

/// A sink in the middle of an agent that is not there.
struct SinkStage: Sendable {
  let folder = StoreFolder()
  let log = LogRecord()
  let scheduler: Scheduler
  let label = PipelineLabel(name: "p", fields: ["ip"])

  /// Whether stores do all on the scheduler's thread: so that nobody waits, and no virtual time passes, meanwhile.
  var isAlone = false
  /// Of those stores.
  let here = HereExecutor()

  init(clock: any TimeSource = SystemClock()) { scheduler = Scheduler(clock: clock) }

  /// As a new agent would make it: with a shelf of its own.
  func make(_ recipe: any SinkRecipe, name: String = "s", database: Bool = true) throws -> any Sink {
    let shelf =
      isAlone
      ? StoreShelf(log: log.logger, disk: LinuxDisk(), makeExecutor: { [here] in here }) : StoreShelf(log: log.logger)
    return try recipe.make(
      in: SinkSurroundings(
        name: name, scheduler: scheduler, stores: shelf, log: log.logger, database: database ? folder.database : nil))
  }

  func start(_ sink: any Sink) async throws -> Consumer<[Delivery]> {
    try await sink.open(for: [label])
    _ = try await sink.checkpoints(of: [label])
    return Coroutine(name: "s", on: scheduler) { try await sink.receive($0) }
  }

  /// The offset of the checkpoint as a reader sees it.
  var offset: [String] { Reader(folder.database).column("SELECT offset FROM checkpoint") }

  /// How many transactions the `-wal` has: a frame with the size of the database in its header ends one.
  func commitCount() throws -> Int {
    let file = try FileDescriptor.open(FilePath("\(folder.database)-wal"), .readOnly)
    return try file.closeAfter {
      let wal = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
        count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
      return stride(from: 32, to: wal.count, by: 24 + Schema.pageBytes).count {
        wal[($0 + 4)..<($0 + 8)].contains { $0 != 0 }
      }
    }
  }

  /// The same, with more of the file behind them.
  func linesBeforeMore(_ file: FakeFile, _ lines: String?...) -> Delivery {
    let delivery = file.delivery(label, lines.map { (Array(($0 ?? "-").utf8), [$0]) })
    var batch = delivery.batch
    batch.hasMore = true
    return Delivery(pipeline: label, batch: batch, selection: delivery.selection)
  }

  /// The next lines, each of one field that is all of it.
  func lines(_ file: FakeFile, _ lines: String?..., at time: Int64 = 1_700_000_000_123) -> Delivery {
    file.delivery(label, lines.map { (Array(($0 ?? "-").utf8), [$0]) }, at: time)
  }
}

@Suite struct SQLiteSinkTests {
  @Test func linesAreStoredAndTheCheckpointMovesWithThem() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let sink = try stage.make(SQLiteRecipe())
      let coroutine = try await stage.start(sink)
      let file = FakeFile()
      try await coroutine.send([stage.lines(file, "a", "b")])
      #expect(Reader(stage.folder.database).column("SELECT line FROM p") == ["a", "b"])
      #expect(stage.offset == ["4"])
      try await coroutine.send([stage.lines(file, "c")])
      try await coroutine.close()
      #expect(stage.offset == ["6"])
      #expect(await sink.closingWords() == [])
      #expect(throws: Failure.self, "the first agent holds the database") {
        _ = try StoreLock(for: stage.folder.database)
      }
      let again = try await sink.checkpoints(of: [stage.label])?[0]
      #expect(again?.map(\.offset) == [6])
    }
    #expect(stage.log.all == [])
  }

  /// Where its inode is another file's by now, that one's checkpoint stays.
  @Test func whatWasReadInACopyIsDoneWithWhereItWasKnown() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile(at: 100)
      let start = file.passing(stage.label, byteCount: 0)
      try await coroutine.send([start])
      func send(endOf former: Checkpoint?) async throws {
        let batch = Batch.start(
          in: file.origin, at: 150, head: .none, marker: .none, stage.scheduler.clock,
          ending: .copied([former].compactMap(\.self)))
        try await coroutine.send([Delivery(pipeline: stage.label, batch: batch, selection: Selection(fieldCount: 1))])
      }
      try await send(endOf: FakeFile(at: 99).passing(stage.label, byteCount: 0).batch.checkpoint)
      #expect(stage.offset == ["100"])
      try await send(endOf: start.batch.checkpoint)
      #expect(Reader(stage.folder.database).column("SELECT offset || ' ' || done FROM checkpoint") == ["150 1"])
      try await coroutine.close()
    }
  }

  @Test func whatAnotherFileHasTheInodeOfIsSetAsideInTheSameTransaction() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      try await coroutine.send([FakeFile("/a.log", at: 100).passing(stage.label, byteCount: 0)])
      let before = try stage.commitCount()
      try await coroutine.send([FakeFile("/b.log").passing(stage.label, byteCount: 0)])
      #expect(try stage.commitCount() == before + 1)
      try await coroutine.close()
      let known = "SELECT path, offset, device = -1 FROM checkpoint JOIN file ON file = id ORDER BY path"
      #expect(Reader(stage.folder.database).rows(known) == [["/a.log", "100", "1"], ["/b.log", "0", "0"]])
    }
  }

  @Test func deliveriesThatWaitTogetherShareATransaction() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let labels = (1...20).map { PipelineLabel(name: "p\($0)", fields: []) }
      let sink = try stage.make(SQLiteRecipe())
      try await sink.open(for: labels)
      let coroutine = Consumer<[Delivery]>(name: "s", on: stage.scheduler) { try await sink.receive($0) }
      let before = try stage.commitCount()
      let file = FakeFile()
      let deliveries = labels.map { file.delivery($0, "line of \($0.name)") }
      let outcome = try await Broadcast(to: labels.map { _ in coroutine }).send(each: { [deliveries[$0]] })
      #expect(outcome.takers.count == 20)
      #expect(try stage.commitCount() == before + 1)
      #expect(Reader(stage.folder.database).column("SELECT count(DISTINCT pipeline || line) FROM matches") == ["20"])
      try await coroutine.close()
    }
  }

  @Test func theStartOfAFileIsCommittedAtOnceAndPassingBytesLater() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile(at: 100)
      try await coroutine.send([file.passing(stage.label, byteCount: 0)])
      #expect(stage.offset == ["100"])
      for _ in 1...5 { try await coroutine.send([file.passing(stage.label, byteCount: 10)]) }
      #expect(stage.offset == ["100"], "no commit for each")
      try await stage.scheduler.sleep(for: CommitPace.longestHold)
      try await waitUntil(on: stage.scheduler) { stage.offset == ["150"] }
      try await coroutine.send([file.passing(stage.label, byteCount: 10)])
      try await coroutine.send([stage.lines(FakeFile("/other", inode: 8), "x")])
      #expect(stage.offset.sorted() == ["160", "2"], "with the next rows")
      try await coroutine.send([file.passing(stage.label, byteCount: 10)])
      try await coroutine.close()
      #expect(stage.offset.sorted() == ["170", "2"], "at the end")
      #expect(stage.scheduler.routines.count <= 2, "main and a last timer, which finds nothing")
    }
  }

  @Test func aNewGenerationOfAFileIsPinnedToo() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      try await coroutine.send([stage.lines(FakeFile(at: 500), "a")])
      try await coroutine.send([FakeFile(at: 0).passing(stage.label, byteCount: 0)])
      #expect(stage.offset == ["0"])
      try await coroutine.close()
    }
  }

  @Test func aLockedDatabaseIsTriedAgainUntilItIsFree() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let file = FakeFile()
      try await coroutine.send([stage.lines(file, "a")])
      let other = Reader(stage.folder.database)
      other.run("BEGIN EXCLUSIVE")
      let next = stage.lines(file, "b")
      let last = stage.lines(file, "c")
      let sending = stage.scheduler.spawn(name: "sender") {
        try await coroutine.send([next])
        try await coroutine.send([last])
      }
      try await waitUntil(on: stage.scheduler) { !stage.log.all.isEmpty }
      #expect(sending.result == nil)
      other.run("COMMIT")
      try await sending.value
      #expect(other.column("SELECT line FROM p") == ["a", "b", "c"])
      #expect(stage.offset == ["6"])
      try await coroutine.close()
    }
    #expect(stage.log.all.count == 2)
    #expect(stage.log.all.first?.hasPrefix("warning: s: cannot write to database") == true)
    #expect(stage.log.all.last == "info: s: works again")
  }

  @Test func cancellationEndsARetry() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      let other = Reader(stage.folder.database)
      other.run("BEGIN EXCLUSIVE")
      let delivery = stage.lines(FakeFile(), "a")
      let sending = stage.scheduler.spawn(name: "sender") { try await coroutine.send([delivery]) }
      try await waitUntil(on: stage.scheduler) { !stage.log.all.isEmpty }
      coroutine.cancel()
      await #expect(throws: CoroutineError.cancelled(name: coroutine.name)) { try await sending.value }
      other.run("ROLLBACK")
      #expect(other.column("SELECT count(*) FROM match") == ["0"])
    }
  }

  @Test func aMissingFolderIsWaitedFor() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let folder = stage.folder.path.appending("mount")
      let sink = try stage.make(SQLiteRecipe(path: folder.appending("weir.db")))
      let opening = stage.scheduler.spawn(name: "open") { try await sink.open(for: [stage.label]) }
      try await waitUntil(on: stage.scheduler) { !stage.log.all.isEmpty }
      #expect(shell("mkdir \(folder)").status == 0)
      try await opening.value
      #expect(Reader(folder.appending("weir.db")).columns(of: "p").contains("ip"))
    }
  }

  @Test func whatIsNoDatabaseEndsTheOpening() throws {
    let stage = SinkStage()
    #expect(shell("echo no > \(stage.folder.database)").status == 0)
    try stage.scheduler.run {
      let sink = try stage.make(SQLiteRecipe())
      await #expect(throws: Failure.self) { try await sink.open(for: [stage.label]) }
      #expect(throws: Failure.self) { try stage.make(SQLiteRecipe(), database: false) }
    }
  }

  @Test func aStoreThatCanTakeNoMoreSetsTheSinkApart() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let coroutine = try await stage.start(stage.make(SQLiteRecipe()))
      Reader(stage.folder.database).run("DROP TABLE match")
      await #expect(throws: StoreError.self) { try await coroutine.send([stage.lines(FakeFile(), "a")]) }
      #expect(coroutine.hasEnded)
      #expect(stage.offset == [])
    }
  }
}
