import Coroutines
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// A store, and sinks that write to it, on a disk that fails for a while.
@Suite struct StoreFaultTests {
  @Test func aFullDiskLeavesNothingOfATransaction() throws {
    let failures = try (1...60).count { try fillsTheDisk(after: $0) }
    #expect(failures > 20)
  }

  /// Fills the disk in the middle of a transaction. - Returns: whether the store noticed.
  private func fillsTheDisk(after operations: UInt64) throws -> Bool {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared, seed: operations))
    return try stage.scheduler.run {
      let file = FakeFile()
      try await stage.store.write(stage.numbers(0..<1, in: file), sink: "s")
      let big = stage.numbers(1..<2000, in: file)
      stage.disk.fail(.full, operations: stage.disk.operationCount + operations ... .max)
      var hasFailed = false
      do {
        try await stage.store.write(big, sink: "s")
      } catch let error as StoreError {
        hasFailed = true
        #expect(error.isPassing, "\(error)")
        #expect(try stage.column("SELECT line FROM match") == ["0"])
        #expect(try stage.column("SELECT offset FROM checkpoint") == ["2"])
        stage.disk.clearFaults()
        try await stage.store.write(big, sink: "s")
      }
      #expect(try stage.column("SELECT count(*) FROM match") == ["2000"])
      #expect(try stage.column("SELECT offset FROM checkpoint") == ["\(file.offset)"])
      return hasFailed
    }
  }

  /// Else what was committed last before a disk failed is synced with the next commit alone, which may be days later.
  @Test(arguments: [false, true]) func aSyncThatFailsIsTriedAgainUntilItWorks(isReplaced: Bool) throws {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared))
    try stage.scheduler.run {
      try await stage.store.write(stage.numbers(0..<1, in: FakeFile()), sink: "s")
      if isReplaced {
        try stage.disk.remove(StoreLives.path)
        #expect(try await stage.store.look(), "it is made anew, and that has to be synced too")
      }
      #expect(stage.disk.unsyncedCount > 0)
      stage.disk[.ioError] = true
      try await stage.scheduler.sleep(for: .seconds(5))
      #expect(stage.disk.unsyncedCount > 0)
      stage.disk[.ioError] = false
      try await stage.scheduler.sleep(for: Retry.longestPause)
      #expect(stage.disk.unsyncedCount == 0)
      #expect(stage.log.all.filter { $0.contains("the sync of a database: ") }.count == 2, "\(stage.log.all)")
      #expect(stage.log.all.last == "info: the sync of a database: works again")
      // It is as before: what comes is synced in its time.
      try await stage.store.write(stage.numbers(1..<2, in: FakeFile(at: 2)), sink: "s")
      #expect(stage.disk.unsyncedCount > 0)
      try await stage.scheduler.sleep(for: StoreShelf.syncDelay * 2)
      #expect(stage.disk.unsyncedCount == 0)
    }
  }

  /// A disk that lost what was committed, under an agent that lives on: its sink stops rather than leave a hole, and
  /// the next run reads from where the database is.
  @Test func aDatabaseThatWasSetBackTakesNothingMore() throws {
    var refusals = 0
    for seed in 0..<100 as Range<UInt64> {
      let disk = SimulatedDisk(cloning: StoreLives.prepared, seed: seed)
      var begin = 0
      for life in 0..<2 {
        let stage = DiskStage(on: disk)
        let error = try stage.scheduler.run { [begin] in
          try await Self.storeNumbers(from: begin, on: stage) { if life == 0 { disk.fallOut(seed: seed) } }
        }
        begin = Int(try stage.column("SELECT ifnull(max(offset), 0) / 5 FROM checkpoint")[0])!
        #expect((error == nil) == (begin == 100) && (life == 0 || error == nil), "seed \(seed)")
        if let error, error.failure.what.contains("set back") { refusals += 1 }
      }
      let lines = try DiskStage(on: disk).column("SELECT line FROM match ORDER BY id")
      #expect(lines == (0..<100).map { "\(1000 + $0)" }, "seed \(seed)")
    }
    #expect(refusals > 30)
  }

  /// Stores numbers of five bytes up to the hundredth, ten at a time; something happens in the middle.
  ///
  /// - Returns: why the sink ended before.
  private static func storeNumbers(
    from begin: Int, on stage: DiskStage, middle: @Sendable () -> Void
  ) async throws -> StoreError? {
    let file = FakeFile(at: UInt64(begin * 5))
    let sink = try await stage.start(SQLiteRecipe(), name: "lines")
    do {
      for start in stride(from: begin, to: 100, by: 10) {
        if start == begin + 50 { middle() }
        try await sink.send([stage.numbers(start + 1000..<min(start + 10, 100) + 1000, in: file)])
      }
      try await sink.close()
      await stage.shelf.closeAll()
      return nil
    } catch let error as StoreError {
      await stage.shelf.closeAll()
      return error
    }
  }

  /// Sinks wait for what passes; an error does not say whether a commit was done.
  @Test(arguments: SimulatedDisk.Fault.allCases)
  func eachLineIsStoredAndCountedOnceThroughFaults(fault: SimulatedDisk.Fault) throws {
    var faults: UInt64 = 0
    for seed in 0..<80 as Range<UInt64> {
      let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared, seed: seed))
      let end = try stage.scheduler.run { try await Self.storeAndCount(on: stage, through: fault) }
      faults += stage.disk.faultCount
      #expect(try stage.column("SELECT line FROM match ORDER BY id") == (0..<200).map { "\($0)" }, "seed \(seed)")
      #expect(try stage.column("SELECT sum(value) FROM count") == ["200"], "seed \(seed)")
      #expect(try stage.column("SELECT DISTINCT offset FROM checkpoint") == ["\(end)"], "seed \(seed)")
      #expect(try stage.column("PRAGMA integrity_check") == ["ok"], "seed \(seed)")
    }
    #expect(faults > 100)
  }

  /// Two hundred lines in twenty deliveries, while one operation in eight has the fault.
  private static func storeAndCount(on stage: DiskStage, through fault: SimulatedDisk.Fault) async throws -> UInt64 {
    let file = FakeFile()
    let sink = try await stage.start(SQLiteRecipe(), name: "lines")
    let counter = try await stage.start(CounterRecipe(), name: "count")
    let start = stage.disk.operationCount
    stage.disk.fail(fault, operations: start...start + 400, oneIn: 8)
    for batch in 0..<20 {
      let delivery = stage.numbers(batch * 10..<batch * 10 + 10, in: file)
      try await sink.send([delivery])
      try await counter.send([delivery])
    }
    stage.disk.clearFaults()
    try await sink.close()
    try await counter.close()
    await stage.shelf.closeAll()
    return file.offset
  }
}
