import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// Lines of quiet files wait: busy files are read, and committed, in small parts.
@Suite struct HasteTests {
  @Test func itIsOverSomeTimeAfterTheLastLineWaited() {
    let haste = Haste()
    #expect(!haste.isOn(at: .zero) && !haste.isOn(at: .seconds(1_000_000)))
    haste.note(at: .seconds(5))
    #expect(haste.isOn(at: .seconds(5)) && haste.isOn(at: .seconds(5) + Haste.duration - .nanoseconds(1)))
    #expect(!haste.isOn(at: .seconds(5) + Haste.duration))
  }

  @Test func allStoresOfAnAgentHaveTheSame() {
    let folder = StoreFolder()
    let shelf = StoreShelf(log: LogRecord().logger)
    let stores = ["a.db", "b.db"].map { shelf.store(at: folder.database.removingLastComponent().appending($0)) }
    #expect(stores.allSatisfy { $0.haste === shelf.haste })
  }

  @Test func busyFilesAreReadInSmallParts() throws {
    let scratch = Scratch()
    scratch.append(String(repeating: "a line\n", count: 3 * FollowedFile.chunkBytes / 7), to: "log")
    let (haste, clock) = (Haste(), VirtualClock())
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("log")], start: .beginning)], clock: clock, pool: BlockPool(haste: haste))
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      func next() async throws -> Int {
        while true { if case .batch(let batch) = try await file.next(), batch.byteCount > 0 { return batch.byteCount } }
      }
      #expect(try await next() > FollowedFile.chunkBytes / 2)
      haste.note(at: clock.now)
      #expect(try await next() < FollowedFile.chunkBytes / 4)
      try await tail.scheduler.sleep(for: Haste.duration)
      #expect(try await next() > FollowedFile.chunkBytes / 2)
      await tail.follower.stop()
    }
  }

  /// Two sinks of one database: what one has of a quiet file waits for what the other commits, who is told.
  @Test func aShortCommitThatHasToWaitIsHaste() throws {
    let stage = SinkStage(clock: VirtualClock())
    try stage.scheduler.run {
      let shelf = StoreShelf(log: stage.log.logger)
      let sink = try SQLiteRecipe().make(
        in: SinkSurroundings(
          name: "s", scheduler: stage.scheduler, stores: shelf, log: stage.log.logger, database: stage.folder.database))
      let coroutine = try await stage.start(sink)
      try await coroutine.send([stage.lines(FakeFile(), "at once")])
      let other = Reader(stage.folder.database)
      other.run("BEGIN EXCLUSIVE")
      let sending = stage.scheduler.spawn(name: "later") {
        try await coroutine.send([stage.lines(FakeFile(inode: 8), "later")])
      }
      try await waitUntil(on: stage.scheduler) { shelf.haste.isOn(at: stage.scheduler.clock.now) }
      other.run("COMMIT")
      try await sending.value
      try await coroutine.close()
    }
  }
}
