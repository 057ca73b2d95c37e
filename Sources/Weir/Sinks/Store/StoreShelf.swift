import Coroutines
import Logging
import Synchronization
import SystemPackage

/// The databases of an agent: a file is opened once, whoever writes to it.
public final class StoreShelf: Sendable {
  /// How long what was committed may wait to be synced: what a power cut may take, to be read again.
  static let syncDelay = Duration.seconds(1)

  private let stores = Mutex<[FilePath: Store]>([:])
  private let log: Logger
  private let disk: any StoreDisk
  private let makeExecutor: @Sendable () -> any SerialExecutor
  private let scheduler: Scheduler?
  /// Whether the agent reads what is there and ends: then a database that cannot be opened before a person mends
  /// something is an error, and not waited for, or one such run would stand behind the other.
  let isOneOff: Bool
  let haste = Haste()

  /// A shelf without a store. `log` is told what happens to databases while they are used.
  public convenience init(log: Logger = Logger(label: "weir") { _ in SwiftLogNoOpLogHandler() }) {
    self.init(log: log, disk: LinuxDisk(), syncingOn: nil)
  }

  /// As ``init(log:)``, with databases on another disk, and each store on what `makeExecutor` gives: a simulation has
  /// them on its scheduler's thread.
  ///
  /// - Parameter scheduler: where commits wait to be synced, ``syncDelay`` at most, and files are watched; nil: SQLite
  ///   and the kernel sync in their own time, and that a file was removed is noticed with the next request.
  package init(
    log: Logger, disk: any StoreDisk,
    makeExecutor: @escaping @Sendable () -> any SerialExecutor = { Offload(name: "store") },
    syncingOn scheduler: Scheduler? = nil, isOneOff: Bool = false
  ) {
    self.log = log
    self.isOneOff = isOneOff
    self.scheduler = scheduler
    self.disk = disk
    self.makeExecutor = makeExecutor
  }

  /// The store of that file: the same one for all its spellings, through symbolic links too. Opens nothing.
  public func store(at path: FilePath) -> Store {
    let canonical = disk.canonical(path)
    return stores.withLock { stores in
      if let store = stores[canonical] { return store }
      let clock = scheduler?.clock ?? SystemClock()
      let care = scheduler.map { StoreCare(on: $0, disk: disk, log: log) }
      let store = Store(
        path: canonical, log: log, disk: disk, executor: makeExecutor(), clock: clock, care: care, isOneOff: isOneOff,
        haste: haste)
      stores[canonical] = store
      return store
    }
  }

  /// The files of the stores that were asked for so far.
  var paths: [FilePath] { stores.withLock { Array($0.keys) } }

  /// Closes every store, after what was asked of it before.
  public func closeAll() async {
    for store in stores.withLock({ Array($0.values) }) { await store.close() }
  }
}
