import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// A clock that runs, and jumps when a test says so.
private final class JumpClock: TimeSource {
  private let machine = SystemClock()
  private let jumped = Mutex(Duration.zero)
  private let origin: Duration

  init(wall: Duration) { origin = wall - machine.now }

  var now: Duration { machine.now + jumped.withLock { $0 } }
  var wall: Duration { origin + now }
  func skip(to deadline: Duration) -> Bool { false }
  func jump(by duration: Duration) { jumped.withLock { $0 += duration } }
}

@Suite struct CounterSinkTests {
  private func counts(_ stage: SinkStage) -> [[String]] {
    Reader(stage.folder.database).rows("SELECT window, labels, value FROM counts ORDER BY window, labels")
  }

  @Test func linesAreCountedByLabelsAndWindows() throws {
    let clock = JumpClock(wall: .seconds(1_700_000_000))
    let stage = SinkStage(clock: clock)
    try stage.scheduler.run {
      let sink = try stage.make(CounterRecipe(by: ["ip"], every: .seconds(60)), name: "per_ip")
      let coroutine = try await stage.start(sink)
      let file = FakeFile()
      try await coroutine.send([stage.lines(file, "1.1.1.1", "2.2.2.2", "1.1.1.1", nil, at: 1_699_999_999_000)])
      try await coroutine.send([stage.lines(file, "1.1.1.1", at: 1_700_000_039_999)])
      try await coroutine.send([stage.lines(file, "1.1.1.1", at: 1_700_000_040_000)])
      #expect(
        counts(stage) == [
          ["2023-11-14T22:13:00.000Z", #"{"ip":""}"#, "1"],
          ["2023-11-14T22:13:00.000Z", #"{"ip":"1.1.1.1"}"#, "3"],
          ["2023-11-14T22:13:00.000Z", #"{"ip":"2.2.2.2"}"#, "1"],
          ["2023-11-14T22:14:00.000Z", #"{"ip":"1.1.1.1"}"#, "1"],
        ])
      #expect(stage.offset == ["42"])
      #expect(stage.log.all == [])
      clock.jump(by: .seconds(41))
      try await waitUntil(on: stage.scheduler) { stage.log.all.count == 1 }
      clock.jump(by: .seconds(60))
      try await waitUntil(on: stage.scheduler) { stage.log.all.count == 2 }
      try await coroutine.close()
      #expect(await sink.closingWords() == ["per_ip: 6 lines counted"])
    }
    #expect(
      stage.log.all == [
        "info: per_ip: window 2023-11-14T22:13:00.000Z: 5 lines in 3 label sets, most: "
          + #"{"ip":"1.1.1.1"} 3, {"ip":""} 1, {"ip":"2.2.2.2"} 1"#,
        "info: per_ip: window 2023-11-14T22:14:00.000Z: 1 lines in 1 label sets, most: {\"ip\":\"1.1.1.1\"} 1",
      ])
  }

  @Test func countsAreExactThroughARestart() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let file = FakeFile()
      for round in 1...3 {
        let coroutine = try await stage.start(stage.make(CounterRecipe(by: ["ip"]), name: "c"))
        try await coroutine.send([stage.lines(file, "a", "b")])
        try await coroutine.send([stage.lines(file, "a")])
        try await coroutine.close()
        #expect(
          counts(stage) == [
            ["NULL", #"{"ip":"a"}"#, "\(2 * round)"], ["NULL", #"{"ip":"b"}"#, "\(round)"],
          ])
        #expect(stage.offset == ["\(6 * round)"])
      }
    }
  }

  @Test func whatCouldNotBeCommittedIsNotCountedTwice() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let sink = try stage.make(CounterRecipe(), name: "c")
      let coroutine = try await stage.start(sink)
      let other = Reader(stage.folder.database)
      other.run("BEGIN EXCLUSIVE")
      let delivery = stage.lines(FakeFile(), "a", "b")
      let sending = stage.scheduler.spawn(name: "sender") { try await coroutine.send([delivery]) }
      try await waitUntil(on: stage.scheduler) { !stage.log.all.isEmpty }
      #expect(await (sink as? CounterSink)?.total() == 0)
      other.run("COMMIT")
      try await sending.value
      #expect(counts(stage) == [["NULL", "{}", "2"]])
      #expect(await (sink as? CounterSink)?.total() == 2)
      try await coroutine.close()
    }
  }

  @Test func aFailingCommitMovesNothing() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let sink = try stage.make(CounterRecipe(by: ["ip"]), name: "c")
      let coroutine = try await stage.start(sink)
      Reader(stage.folder.database).run(
        "CREATE TRIGGER t BEFORE INSERT ON count WHEN new.labels LIKE '%b%' BEGIN SELECT RAISE(ABORT, 'no'); END")
      await #expect(throws: StoreError.self) { try await coroutine.send([stage.lines(FakeFile(), "a", "b")]) }
      #expect(counts(stage) == [])
      #expect(stage.offset == [])
      #expect(await (sink as? CounterSink)?.total() == 0)
    }
  }

  @Test func withoutADatabaseItCountsInMemory() throws {
    let stage = SinkStage()
    try stage.scheduler.run {
      let sink = try stage.make(CounterRecipe(), database: false)
      #expect(try await sink.checkpoints(of: [stage.label]) == nil)
      let coroutine = try await stage.start(sink)
      let file = FakeFile()
      try await coroutine.send([stage.lines(file, "a", "b")])
      try await coroutine.send([file.passing(stage.label, byteCount: 4)])
      try await coroutine.send([stage.lines(file, "c")])
      try await coroutine.close()
      #expect(await (sink as? CounterSink)?.total() == 3)
      #expect(exists(stage.folder.database) == false)
    }
  }

  private func exists(_ path: FilePath) -> Bool { (try? LinuxDisk().identity(path)) != .some(nil) }

  @Test func memoryIsBoundedAndTheSumIsNot() {
    var totals = CountTotals()
    let limit = CountTotals.labelSetsLimit
    let rows = (0..<(limit + 5)).map {
      CountRow(pipeline: "p", windowMilliseconds: CountRow.allTime, labels: "\($0)", value: 2)
    }
    let isSaid = totals.add(rows)
    let isSaidAgain = totals.add(rows)
    #expect(isSaid && !isSaidAgain)
    #expect(totals.values.count == limit)
    #expect(totals.other == 20)
    #expect(totals.sum == Int64(4 * (limit + 5)))
  }

  @Test func aTallyTellsLabelsApart() {
    let tally = LabelTally()
    var expected: [String: Int] = [:]
    for index in 0..<5000 {
      let label = "{\"ip\":\"\(index % 700)\"}"
      expected[label, default: 0] += 1
      var text = label
      text.withUTF8 { tally.add(1, under: UnsafeRawBufferPointer($0)) }
    }
    var found: [String: Int] = [:]
    tally.forEach { found[$0] = $1 }
    #expect(found == expected)
    #expect(tally.count == 700)
    tally.removeAll()
    #expect(tally.count == 0)
  }

  @Test func theRecipeSaysWhatItNeeds() {
    let recipe = CounterRecipe(by: ["ip", "user"], every: .seconds(60))
    #expect(recipe.requiredFields == ["ip", "user"])
    #expect(recipe.summary == "counter by ip, user every 1m")
    #expect(CounterRecipe().summary == "counter")
    #expect(SQLiteRecipe(path: "/a.db").summary == "sqlite /a.db")
  }

  /// Labels are told by their bytes.
  @Test func labelsThatDifferInTheirNormalFormAreTwo() throws {
    let stage = SinkStage()
    var held = HeldCounts(CounterRecipe(by: ["ip"]))
    let file = FakeFile()
    held.add(stage.lines(file, "caf\u{E9}"))
    held.add(stage.lines(file, "cafe\u{301}"))
    let rows = held.take()
    #expect(rows.map(\.value) == [1, 1])
    var totals = CountTotals()
    _ = totals.add(rows)
    #expect(totals.values.count == 2)
  }

  /// Who writes the log decides how long a label is.
  @Test func memoryIsBoundedByBytesToo() {
    let long = String(repeating: "x", count: 1 << 20)
    let rows = (0..<40).map {
      CountRow(pipeline: "p", windowMilliseconds: CountRow.allTime, labels: "\(long)\($0)", value: 1)
    }
    var totals = CountTotals()
    _ = totals.add(rows)
    #expect(totals.values.count < 10)
    #expect(totals.sum == 40)
    let stage = SinkStage()
    let file = FakeFile()
    var held = HeldCounts(CounterRecipe(by: ["ip"]))
    var count = 0
    while !held.isFull(false), count < 100 {
      held.add(stage.lines(file, "\(long)\(count)"))
      count += 1
    }
    #expect(count < 10)
    #expect(held.take().count == count && !held.isFull(false))
  }
}
