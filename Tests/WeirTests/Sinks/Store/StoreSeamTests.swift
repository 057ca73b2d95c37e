import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// A store on a disk and a thread that are not the machine's.
@Suite struct StoreSeamTests {
  private let folder = StoreFolder()

  @Test func aStoreLivesOnASchedulerThatIsAlone() throws {
    // Alone: waiting for another thread would be a standstill, which `run` throws.
    let scheduler = Scheduler(clock: VirtualClock(), isAlone: true)
    let shelf = StoreShelf(log: LogRecord().logger, disk: LinuxDisk(), makeExecutor: { scheduler })
    let store = shelf.store(at: folder.database)
    let label = PipelineLabel(name: "p", fields: [])
    try scheduler.run {
      try await store.register([label])
      try await store.write(FakeFile().delivery(label, "a", "b"), sink: "s")
      await store.assertIsolated(to: scheduler)
      await shelf.closeAll()
    }
    #expect(Reader(folder.database).column("SELECT line FROM p") == ["a", "b"])
  }

  @Test func aStoreAsksItsDiskAlone() async throws {
    let disk = AskedDisk()
    let store = StoreShelf(log: LogRecord().logger, disk: disk).store(at: folder.database)
    try await store.open()
    let asked = disk.asked
    #expect(asked.prefix(8) == ["canonical", "lock", "identity", "create", "objection", "identity", "isLocal", "vfs"])
    // The VFS of that name keeps its index of the WAL in memory.
    #expect(shell("test -e \(folder.database)-shm").status != 0)
    try await store.write(FakeFile().delivery(PipelineLabel(name: "p", fields: []), "a"), sink: "s")
    #expect(disk.asked.dropFirst(asked.count) == ["identity"], "whether the file is still there")
  }
}

extension Store {
  fileprivate func assertIsolated(to scheduler: Scheduler) { #expect(scheduler.isOnThread) }
}
