import SystemPackage
import Testing

@testable import Weir

@Suite struct StoreMemoryTests {
  private func kept(_ sink: String, pipeline: String = "p", end: Int) -> KeptCheckpoint {
    let file = FakeFile("/log", inode: 7)
    var delivery = file.delivery(PipelineLabel(name: pipeline, fields: []), "line")
    for _ in 1..<end { delivery = file.delivery(PipelineLabel(name: pipeline, fields: []), "line") }
    return KeptCheckpoint(sink: sink, pipeline: pipeline, checkpoint: delivery.batch.checkpoint!)
  }

  /// As the database has them in one row: of two, the older could be written last.
  @Test func namesThatDifferInCaseAloneAreOne() {
    var memory = StoreMemory()
    memory.keep([kept("archive", pipeline: "Web", end: 1)])
    memory.keep([kept("Archive", pipeline: "web", end: 2)])
    #expect(memory.followedPlaces.map(\.identity).count == 1)
    let place = StoreMemory.Place(sink: "ARCHIVE", pipeline: "WEB", identity: kept("a", end: 1).checkpoint.identity)
    #expect(memory.has(place))
    #expect(memory.keptCount == 1)
  }

  @Test func namesThatDifferInTheirNormalFormAreTwo() {
    var memory = StoreMemory()
    memory.keep([kept("caf\u{E9}", end: 1)])
    memory.keep([kept("cafe\u{301}", end: 2)])
    #expect(memory.keptCount == 2)
  }
}
