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
      try await sink.send(delivery)
      try await counter.send(delivery)
    }
    stage.disk.clearFaults()
    try await sink.close()
    try await counter.close()
    await stage.shelf.closeAll()
    return file.offset
  }
}
