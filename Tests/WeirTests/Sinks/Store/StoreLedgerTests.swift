import SystemPackage
import Testing

@testable import Weir

@Suite struct StoreLedgerTests {
  private let folder = StoreFolder()

  @Test func aGapIsOneRowHoweverOftenItIsReported() async throws {
    let store = StoreShelf().store(at: folder.database)
    let file = FakeFile()
    let gap = Gap(origin: file.origin, first: 5, last: 9, reason: .tooLong)
    try await store.record(gap, pipeline: "p", atMilliseconds: 1000)
    try await store.record(gap, pipeline: "p", atMilliseconds: 2000)
    try await store.record(Gap(origin: file.origin, first: 5, last: 9, reason: .hole), pipeline: "p", atMilliseconds: 0)
    #expect(
      Reader(folder.database).rows("SELECT * FROM gaps") == [
        ["1970-01-01T00:00:01.000Z", "p", "/var/log/auth.log", "5", "9", "too_long"],
        ["1970-01-01T00:00:00.000Z", "p", "/var/log/auth.log", "5", "9", "hole"],
      ])
  }

  /// As where a file is written anew each hour while nothing can be stored.
  @Test func aRangeThatIsLostAgainIsAnotherRow() async throws {
    let store = StoreShelf().store(at: folder.database)
    let file = FakeFile()
    func record(_ last: UInt64, at time: Int64, mayBeFoundAgain: Bool = false) async throws {
      let gap = Gap(
        origin: file.origin, first: 0, last: last, reason: .truncated, mayBeFoundAgain: mayBeFoundAgain)
      try await store.record(gap, pipeline: "p", atMilliseconds: time)
    }
    for time in [1000, 1000, 2000] as [Int64] { try await record(999, at: time) }
    for time in [1000, 2000] as [Int64] { try await record(0, at: time) }
    for time in [1000, 2000] as [Int64] { try await record(500, at: time, mayBeFoundAgain: true) }
    #expect(
      Reader(folder.database).rows("SELECT time, last FROM gaps ORDER BY last, time") == [
        ["1970-01-01T00:00:01.000Z", "0"], ["1970-01-01T00:00:02.000Z", "0"], ["1970-01-01T00:00:01.000Z", "500"],
        ["1970-01-01T00:00:01.000Z", "999"], ["1970-01-01T00:00:02.000Z", "999"],
      ])
  }

  @Test func timingsOfAMinuteAreAddedUpAndOldOnesGo() async throws {
    let store = StoreShelf().store(at: folder.database)
    var row = TimingRow(
      minuteMilliseconds: 60_000, pipeline: "p", stage: "grep", batches: 2, p50Microseconds: 10, p99Microseconds: 20,
      maxMicroseconds: 30)
    try await store.record(timings: [row])
    row.maxMicroseconds = 25
    row.p50Microseconds = 12
    try await store.record(timings: [row])
    let reader = Reader(folder.database)
    #expect(reader.rows("SELECT * FROM timings") == [["1970-01-01T00:01:00.000Z", "p", "grep", "4", "12", "20", "30"]])
    row.minuteMilliseconds += (LedgerTables.timingDaysKept + 1) * 86_400_000
    try await store.record(timings: [row])
    #expect(reader.column("SELECT count(*) FROM timings") == ["1"])
    try await store.record(timings: [])
  }

  @Test func checkpointsComeBackAsTheyWere() async throws {
    let odd = FilePath(platformString: [0x2f, -1, 0x61, 0])
    let kept = [FilePath("/a"), odd].enumerated().map { index, path in
      KeptCheckpoint(
        sink: "printer", pipeline: "p",
        checkpoint: Checkpoint(
          path: path, identity: FileIdentity(device: .max, inode: UInt64(index)),
          head: Fingerprint(byteCount: 1024, hash: .max), offset: .max,
          marker: Fingerprint(byteCount: 64, hash: 1 << 63)))
    }
    let store = StoreShelf().store(at: folder.database)
    try await store.keep(kept)
    try await store.keep(kept)
    let found = try await store.checkpoints(sink: "PRINTER", pipeline: "P")
    #expect(found.sorted { $0.identity.inode < $1.identity.inode } == kept.map(\.checkpoint))
    #expect(try await store.checkpoints(sink: "other", pipeline: "p").isEmpty)
    #expect(try await store.checkpoints(sink: "printer", pipeline: "q").isEmpty)
  }

  @Test func aPipelineHasRunBeforeOnceItWasMarked() async throws {
    let store = StoreShelf().store(at: folder.database)
    #expect(try await !store.hasRunBefore("p"))
    try await store.register([PipelineLabel(name: "p", fields: [])])
    #expect(try await !store.hasRunBefore("p"))
    try await store.markStarted(["P", "q"])
    await store.close()
    let other = StoreShelf().store(at: folder.database)
    #expect(try await other.hasRunBefore("p"))
    #expect(try await other.hasRunBefore("q"))
    #expect(try await !other.hasRunBefore("r"))
  }
}
