import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// A store on a disk and a thread that are not the machine's.
@Suite struct StoreSeamTests {
  private let folder = StoreFolder()

  /// The machine's disk, which notes what it was asked.
  private final class AskedDisk: StoreDisk {
    let asked = Mutex<[String]>([])
    private let disk = LinuxDisk()

    var vfsName: String? {
      note("vfs")
      return "unix-excl"
    }
    func canonical(_ path: FilePath) -> FilePath {
      note("canonical")
      return disk.canonical(path)
    }
    func create(_ path: FilePath) throws(Errno) -> Bool {
      note("create")
      return try disk.create(path)
    }
    func identity(_ path: FilePath) throws(Errno) -> FileIdentity? {
      note("identity")
      return try disk.identity(path)
    }
    func byteCount(of path: FilePath) throws(Errno) -> UInt64? {
      note("byteCount")
      return try disk.byteCount(of: path)
    }
    func remove(_ path: FilePath) throws(Errno) {
      note("remove")
      try disk.remove(path)
    }
    func objection(to path: FilePath) -> String? {
      note("objection")
      return disk.objection(to: path)
    }
    func isLocal(_ path: FilePath) -> Bool {
      note("isLocal")
      return disk.isLocal(path)
    }
    func lock(_ database: FilePath) throws(StoreError) -> any AnyObject & Sendable {
      note("lock")
      return try disk.lock(database)
    }
    private func note(_ what: String) { asked.withLock { $0.append(what) } }
  }

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
    let asked = disk.asked.withLock { $0 }
    #expect(asked.prefix(8) == ["canonical", "lock", "identity", "create", "objection", "identity", "isLocal", "vfs"])
    // The VFS of that name keeps its index of the WAL in memory.
    #expect(shell("test -e \(folder.database)-shm").status != 0)
    try await store.write(FakeFile().delivery(PipelineLabel(name: "p", fields: []), "a"), sink: "s")
    #expect(disk.asked.withLock { $0.dropFirst(asked.count) } == ["identity"], "whether the file is still there")
  }
}

extension Store {
  fileprivate func assertIsolated(to scheduler: Scheduler) { #expect(scheduler.isOnThread) }
}
