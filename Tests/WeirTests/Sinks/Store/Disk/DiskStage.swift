import Coroutines
import SimulatedDisk
import SystemPackage

@testable import Weir

/// Sinks on a simulated disk, in an agent that is not there: all of it on one thread, in virtual time.
struct DiskStage: Sendable {
  let disk: SimulatedDisk
  let log = LogRecord()
  let clock: VirtualClock
  let scheduler: Scheduler
  let shelf: StoreShelf
  let label = PipelineLabel(name: "p", fields: ["n"])

  /// A process on `disk`, which starts on that day after the first.
  init(on disk: SimulatedDisk, day: Int64 = 0) {
    self.disk = disk
    clock = VirtualClock(wall: .seconds(1_700_000_000 + day * 86_400))
    scheduler = Scheduler(clock: clock, isAlone: true)
    shelf = StoreShelf(
      log: log.logger, disk: disk, makeExecutor: { [scheduler] in scheduler }, syncingOn: scheduler)
  }

  var store: Store { shelf.store(at: StoreLives.path) }

  func make(_ recipe: any SinkRecipe, name: String) throws -> any Sink {
    try recipe.make(
      in: SinkSurroundings(
        name: name, scheduler: scheduler, stores: shelf, log: log.logger, database: StoreLives.path))
  }

  /// Opens a sink and starts its body.
  func start(_ recipe: any SinkRecipe, name: String) async throws -> Consumer<[Delivery]> {
    let sink = try make(recipe, name: name)
    try await sink.open(for: [label])
    _ = try await sink.checkpoints(of: [label])
    return Coroutine(name: name, on: scheduler) { try await sink.receive($0) }
  }

  /// The next lines: numbers from `first` on, each in the field `n`.
  func numbers(_ range: Range<Int>, in file: FakeFile) -> Delivery {
    file.delivery(label, range.map { (Array("\($0)".utf8), ["\($0)"]) })
  }

  /// The first column of what a query gives.
  func column(_ sql: String) throws -> [String] { try disk.rows(sql, of: StoreLives.path).map { $0[0] } }
}
