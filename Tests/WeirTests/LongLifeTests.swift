import Coroutines
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// What an agent holds does not grow for ever.
@Suite struct LongLifeTests {
  private static let dayCount = 3000
  private static let label = PipelineLabel(name: "p", fields: [])

  /// A log of a day: a line, and then that it is rotated away and read to its end.
  private func deliveries(ofDay day: Int) -> [Delivery] {
    let file = FakeFile(FilePath("/var/log/app-\(day).log"), inode: UInt64(day + 10))
    let line = file.delivery(Self.label, "line")
    let batch = line.batch
    let end = Batch(
      origin: file.origin, start: batch.end, end: batch.end, block: .empty, range: 0..<0, head: batch.head,
      marker: batch.marker, readAtMilliseconds: 0, ending: .read)
    return [line, Delivery(pipeline: Self.label, batch: end, selection: Selection(fieldCount: 0))]
  }

  /// As many as are kept for files that may come back, and then some.
  private func expectFew(_ counts: [Int], _ stage: DiskStage) throws {
    let rows = try #require(stage.column("SELECT count(*) FROM checkpoint").first.flatMap { Int($0) })
    for count in counts + [rows] { #expect((1...40).contains(count), "\(counts), \(rows) rows") }
  }

  @Test func logsWithDatesAreForgottenByAStoresSink() throws {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared))
    try stage.scheduler.run {
      let surroundings = SinkSurroundings(
        name: "s", scheduler: stage.scheduler, stores: stage.shelf, log: stage.log.logger, database: StoreLives.path)
      let committer = Committer(surroundings, store: stage.store, holding: HeldLines())
      try await committer.open(for: [Self.label])
      let coroutine = Consumer<[Delivery]>(name: "s", on: stage.scheduler) { inbox in
        try await committer.receive(inbox) { _ in }
      }
      for day in 0..<Self.dayCount {
        for delivery in deliveries(ofDay: day) { try await coroutine.send([delivery]) }
        stage.clock.advance(by: .seconds(86_400))
      }
      try await coroutine.close()
      let followed = await Array(stage.store.memory.followedPlaces).count
      try expectFew([await committer.committed.count, followed + 1], stage)
      await stage.shelf.closeAll()
    }
  }

  @Test func logsWithDatesAreForgottenByTheCheckpointBook() throws {
    let stage = DiskStage(on: SimulatedDisk(cloning: StoreLives.prepared))
    try stage.scheduler.run {
      let book = CheckpointBook(store: stage.store, scheduler: stage.scheduler, log: stage.log.logger)
      for day in 0..<Self.dayCount {
        await book.take(deliveries(ofDay: day), by: "s")
        try await book.write()
        stage.clock.advance(by: .seconds(86_400))
      }
      let followed = await Array(stage.store.memory.followedPlaces).count
      try expectFew([await book.written.count, followed + 1], stage)
      await stage.shelf.closeAll()
    }
  }

  /// Each reload has a pipeline of another name that looks for something else, beside one that stays.
  @Test func pipelinesThatAreGoneAreForgotten() throws {
    let stage = AgentStage()
    let taker = AgentStage.Taker()
    stage.scratch.append("one\n", to: "a.log")
    @Sendable func plan(_ number: Int) -> Plan {
      stage.plan(
        [
          stage.pipeline("stays", follow: "a.log", sinks: [0]),
          stage.pipeline("p\(number)", follow: "a.log", grep: "none \(number)", sinks: [0]),
          stage.pipeline("changes", follow: "b.log", grep: "none \(number)", sinks: [0]),
        ], [("taker", taker)])
    }
    let reloadCount = 200
    let status = try stage.run(plan(0)) { agent in
      try await stage.until { taker.lines == ["one"] }
      for number in 1...reloadCount {
        stage.reload(plan(number))
        try await stage.until { stage.log.all.count { $0.contains("took the config") } == number }
      }
      stage.scratch.append("two\n", to: "a.log")
      try await stage.until { taker.lines == ["one", "two"] }
      try await stage.until { await agent.formerNumbers.isEmpty }
      let pipelines = try #require(await agent.running?.pipelines)
      #expect(await pipelines.pipelines.count == 3)
      #expect(await pipelines.scannerCount <= 3)
    }
    #expect(status == 0)
  }
}
