import Coroutines
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// Checkpoints of sinks without a store, where the database fails for a while.
@Suite struct CheckpointBookTests {
  /// A book that took a delivery, and tries to write that, in vain so far.
  private func trying(
    on stage: DiskStage, _ file: FakeFile
  ) async throws -> (book: CheckpointBook, first: Routine<Void>) {
    let book = CheckpointBook(store: stage.store, scheduler: stage.scheduler, log: stage.log.logger)
    _ = try await book.checkpoints(sink: "s", pipelines: ["p"])[0]
    stage.disk.fail(.full, operations: stage.disk.operationCount + 1 ... .max)
    await book.take([stage.numbers(0..<1, in: file)], by: "s")
    let first = stage.scheduler.spawn(name: "first") { try await book.write() }
    // Virtual time: it tries again 100, 300, 700, 1,500 and 3,100 milliseconds after the first try.
    try await stage.scheduler.sleep(for: .seconds(3))
    stage.disk.clearFaults()
    return (book, first)
  }

  @Test func anOlderCheckpointNeverFollowsANewerOne() throws {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared, seed: 1))
    try stage.scheduler.run {
      let file = FakeFile()
      let (book, first) = try await trying(on: stage, file)
      await book.take([stage.numbers(1..<2, in: file)], by: "s")
      try await book.write()
      _ = await first.outcome
      #expect(try await book.checkpoints(sink: "s", pipelines: ["p"])[0].map(\.offset) == [file.offset])
    }
  }

  @Test func whatAnotherStillTriesToWriteIsWritten() throws {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared, seed: 1))
    try stage.scheduler.run {
      let file = FakeFile()
      let (book, first) = try await trying(on: stage, file)
      try await book.write()
      #expect(try await stage.store.checkpoints(sink: "s", pipeline: "p").map(\.offset) == [file.offset])
      _ = await first.outcome
    }
  }

  @Test func whatAnotherFileHasTheInodeOfIsSetAside() throws {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared, seed: 1))
    try stage.scheduler.run {
      let book = CheckpointBook(store: stage.store, scheduler: stage.scheduler, log: stage.log.logger)
      await book.take([FakeFile("/a.log", at: 100).passing(stage.label, byteCount: 0)], by: "s")
      try await book.write()
      // Another life of the agent.
      let next = CheckpointBook(store: stage.store, scheduler: stage.scheduler, log: stage.log.logger)
      let known = try await next.checkpoints(sink: "s", pipelines: ["p"])[0]
      await next.take([FakeFile("/b.log").passing(stage.label, byteCount: 0)], by: "s")
      try await next.write()
      let found = try await next.checkpoints(sink: "s", pipelines: ["p"])[0]
      #expect(Set(found.map(\.path)) == ["/a.log", "/b.log"])
      #expect(found.filter(\.isSetAside) == known.map(\.setAside))
    }
  }
}
