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
  /// What is wrong with the disk, whoever uses it.
  private(set) var trouble: SimulatedDisk.Fault?
  /// When something was wrong: from its beginning to its end, or that of the next one shortly after it.
  private var span: (begin: Duration, end: Duration?)?

  init(seed: UInt64) { disk = SimulatedDisk(seed: seed) }

  /// - Parameter executor: where each store lives.
  func shelf(
    log: Logger, scheduler: Scheduler, isOneOff: Bool, executor: @escaping @Sendable () -> any SerialExecutor
  ) -> StoreShelf {
    StoreShelf(log: log, disk: disk, makeExecutor: executor, syncingOn: scheduler, isOneOff: isOneOff)
  }

  /// What the process that has them open still writes reaches nobody.
  func crash() {
    disk = disk.crash()
    spoil()
  }

  /// Of what was not synced, some is gone too.
  func cutPower(seed: UInt64) {
    disk = disk.powerCut(seed: seed)
    spoil()
  }

  private func spoil() { if let trouble { disk[trouble] = true } }

  // MARK: What goes wrong

  func beginTrouble(_ fault: SimulatedDisk.Fault, at time: Duration) {
    trouble = fault
    span = (span(before: time) ?? time, nil)
    spoil()
  }

  func endTrouble(at time: Duration) {
    if let trouble { disk[trouble] = false }
    trouble = nil
    span?.end = time
  }

  /// Since when the agent may have been unable to write what it knows: what ended is tried again after a pause.
  func span(before time: Duration) -> Duration? {
    guard let span, (span.end ?? time) + Retry.longestPause * 2 >= time else { return nil }
    return span.begin
  }
}
