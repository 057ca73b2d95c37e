import Coroutines
import Logging
import SimulatedDisk
import SystemPackage

@testable import Weir

/// The databases of a world, on a disk in memory; a kill or a power cut leaves it as it then is to the next life.
final class Databases: @unchecked Sendable {
  static let main: FilePath = "/data/weir.db"
  static let archive: FilePath = "/data/archive.db"

  private(set) var disk: SimulatedDisk

  init(seed: UInt64) { disk = SimulatedDisk(seed: seed) }

  /// - Parameter executor: where each store lives.
  func shelf(
    log: Logger, scheduler: Scheduler, executor: @escaping @Sendable () -> any SerialExecutor
  ) -> StoreShelf {
    StoreShelf(log: log, disk: disk, makeExecutor: executor, syncingOn: scheduler)
  }

  /// What the process that has them open still writes reaches nobody.
  func crash() { disk = disk.crash() }

  /// Of what was not synced, some is gone too.
  func cutPower(seed: UInt64) { disk = disk.powerCut(seed: seed) }
}
