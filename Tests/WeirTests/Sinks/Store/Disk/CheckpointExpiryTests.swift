import Coroutines
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// Checkpoints that nobody needs go after thirty days in which weir ran without their files, and no others.
@Suite struct CheckpointExpiryTests {
  private let disk = SimulatedDisk(cloning: StoreLives.prepared)

  private static func kept(_ sink: String, _ inode: UInt64, path: FilePath? = nil) -> KeptCheckpoint {
    let file = FakeFile(path ?? FilePath("/\(sink)\(inode)"), inode: inode)
    let delivery = file.delivery(PipelineLabel(name: "p", fields: []), "line")
    return KeptCheckpoint(sink: sink, pipeline: "p", checkpoint: delivery.batch.checkpoint!)
  }

  /// Runs for so many days, with a line a day for the sink `busy`; its file of inode 2 is quiet, and followed.
  ///
  /// - Returns: the sinks and inodes that have a checkpoint then.
  private func run(from day: Int64, days: Int, before: @escaping @Sendable (Store) async throws -> Void) throws
    -> [String]
  {
    let stage = DiskStage(on: disk, day: day)
    try stage.scheduler.run {
      let store = stage.store
      try await store.register([PipelineLabel(name: "p", fields: [])])
      _ = try await store.checkpoints(sink: "busy", pipeline: "p")
      try await before(store)
      let file = FakeFile("/busy1", inode: 1)
      for _ in 0..<days {
        try await store.write(file.delivery(PipelineLabel(name: "p", fields: []), "line"), sink: "busy")
        stage.clock.advance(by: .seconds(86_400))
      }
      try await store.write(file.delivery(PipelineLabel(name: "p", fields: []), "line"), sink: "busy")
      await stage.shelf.closeAll()
    }
    return try stage.column("SELECT sink || inode FROM checkpoint ORDER BY 1")
  }

  @Test func whatIsNotUsedGoesAndWhatIsFollowedStays() throws {
    let first = try run(from: 0, days: 1) { store in
      try await store.keep([Self.kept("busy", 1), Self.kept("busy", 2), Self.kept("gone", 3)])
    }
    #expect(first == ["busy1", "busy2", "gone3"])
    // Another run, which finds the quiet file where it was: it writes nothing for that.
    let later = try run(from: 1, days: 28) { await $0.note(followed: Self.kept("busy", 2)) }
    #expect(later == ["busy1", "busy2", "gone3"])
    let last = try run(from: 29, days: 3) { await $0.note(followed: Self.kept("busy", 2)) }
    #expect(last == ["busy1", "busy2"], "the sink that was taken out is forgotten")
    let end = try run(from: 32, days: 40) { _ in }
    #expect(end == ["busy1"], "and so is a file that was not followed for forty days")
  }

  @Test func aSummerWithoutWeirForgetsNothing() throws {
    _ = try run(from: 0, days: 1) { store in
      try await store.keep([Self.kept("busy", 1), Self.kept("busy", 2), Self.kept("gone", 3)])
    }
    // Neither is followed at once: its file system is mounted late.
    #expect(try run(from: 100, days: 1) { _ in } == ["busy1", "busy2", "gone3"])
    #expect(try run(from: 200, days: 27) { _ in } == ["busy1", "busy2", "gone3"])
    #expect(try run(from: 300, days: 3) { _ in } == ["busy1"])
  }

  @Test func aClockThatIsSetForgetsNothing() throws {
    let stage = DiskStage(on: disk)
    let label = PipelineLabel(name: "p", fields: [])
    try stage.scheduler.run {
      try await stage.store.write(FakeFile("/a", inode: 1).delivery(label, "line"), sink: "s")
      for days in [40, -80, 20_000] {
        stage.clock.setWall(stage.clock.wall + .seconds(86_400 * days))
        try await stage.store.write(FakeFile("/b", inode: 2).delivery(label, "line"), sink: "s")
      }
      await stage.shelf.closeAll()
    }
    // Of another run the first transaction looks for old ones.
    let next = DiskStage(on: disk)
    next.clock.setWall(stage.clock.wall)
    try next.scheduler.run {
      try await next.store.write(FakeFile("/b", inode: 2).delivery(label, "line"), sink: "s")
      await next.shelf.closeAll()
    }
    #expect(try next.column("SELECT inode FROM checkpoint ORDER BY 1") == ["1", "2"])
  }

  @Test func aRunOfMonthsForgetsTheGenerationsOfALogThatIsRotated() throws {
    let stage = DiskStage(on: disk)
    try stage.scheduler.run {
      for day in 0..<100 as Range<UInt64> {
        let file = FakeFile("/var/log/app.log", inode: day + 10)
        try await stage.store.write(file.delivery(PipelineLabel(name: "p", fields: []), "line"), sink: "s")
        stage.clock.advance(by: .seconds(86_400))
      }
    }
    let found = try stage.column("SELECT inode FROM checkpoint ORDER BY 1").compactMap { Int($0) }
    #expect(found == Array(found.first!...109) && (30...32).contains(found.count), "\(found)")
    #expect(!stage.log.all.contains { $0.hasPrefix("warning") || $0.hasPrefix("info") })
  }

  @Test func whatExpiredIsNoHole() throws {
    let stage = DiskStage(on: disk)
    try stage.scheduler.run {
      let label = PipelineLabel(name: "p", fields: [])
      try await stage.store.write(FakeFile("/a", inode: 1).delivery(label, "line"), sink: "s")
      try await stage.store.write(FakeFile("/a", inode: 2).delivery(label, "line"), sink: "s")
      stage.clock.advance(by: .seconds(40 * 86_400))
      try await stage.store.write(FakeFile("/b", inode: 3).delivery(label, "line"), sink: "s")
      #expect(try stage.column("SELECT inode FROM checkpoint") == ["2", "3"])
      try await stage.store.sync()
      stage.disk.fallOut(seed: 1)
      let delivery = FakeFile("/c", inode: 4).delivery(label, "line")
      let retry = Retry(of: "s", on: stage.scheduler, log: stage.log.logger)
      #expect(try await retry.run { try await stage.store.write(delivery, sink: "s") } == 0)
    }
  }

  @Test func agesThatAreNotKnownBeginWithTheMigration() throws {
    _ = try run(from: 0, days: 1) { try await $0.keep([Self.kept("gone", 3)]) }
    let stage = DiskStage(on: disk)
    try stage.scheduler.run {
      try await stage.store.open()
      try await stage.store.forgetAges()
      await stage.shelf.closeAll()
    }
    #expect(try run(from: 50, days: 29) { _ in } == ["busy1", "gone3"])
    #expect(try run(from: 79, days: 3) { _ in } == ["busy1"])
  }
}

extension Store {
  /// As a migration from version 1 leaves them.
  fileprivate func forgetAges() throws { try transact { try $0.database.execute("UPDATE checkpoint SET touched = 0") } }
}
