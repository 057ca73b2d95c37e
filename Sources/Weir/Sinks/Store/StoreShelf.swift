import Coroutines
import Logging
import Synchronization
import SystemPackage

/// The databases of an agent: a file is opened once, whoever writes to it.
public final class StoreShelf: Sendable {
  /// How long what was committed may wait to be synced: what a power cut may take, to be read again.
  static let syncDelay = Duration.seconds(1)

  private let stores = Mutex<[FilePath: Store]>([:])
  private let watchers = Mutex<[FilePath: Routine<Void>]>([:])
  private let log: Logger
  private let disk: any StoreDisk
  private let makeExecutor: @Sendable () -> any SerialExecutor
  private let scheduler: Scheduler?

  /// A shelf without a store. `log` is told what happens to databases while they are used.
  public convenience init(log: Logger = Logger(label: "weir") { _ in SwiftLogNoOpLogHandler() }) {
    self.init(log: log, disk: LinuxDisk(), syncingOn: nil)
  }

  /// As ``init(log:)``, with databases on another disk, and each store on what `makeExecutor` gives: a simulation has
  /// them on its scheduler's thread.
  ///
  /// - Parameter scheduler: where commits wait to be synced, ``syncDelay`` at most; nil: SQLite and the kernel do that
  ///   in their own time.
  package init(
    log: Logger, disk: any StoreDisk,
    makeExecutor: @escaping @Sendable () -> any SerialExecutor = { Offload(name: "store") },
    syncingOn scheduler: Scheduler? = nil
  ) {
    self.log = log
    self.scheduler = scheduler
    self.disk = disk
    self.makeExecutor = makeExecutor
  }

  /// The store of that file: the same one for all its spellings, through symbolic links too. Opens nothing.
  public func store(at path: FilePath) -> Store {
    let canonical = disk.canonical(path)
    return stores.withLock { stores in
      if let store = stores[canonical] { return store }
      let syncing = StoreSyncing(log: log)
      var onUnsynced: (@Sendable () -> Void)?
      if let scheduler { onUnsynced = { syncing.begin(on: scheduler) } }
      let store = Store(
        path: canonical, log: log, disk: disk, executor: makeExecutor(),
        onUnsynced: onUnsynced)
      syncing.store = store
      stores[canonical] = store
      return store
    }
  }

  /// The files of the stores that were asked for so far.
  var paths: [FilePath] { stores.withLock { Array($0.keys) } }

  /// Sees from now on to the files of the stores that were asked for, until ``closeAll()``: one that is removed or
  /// replaced is made anew at once, also while nothing is written to it. Nothing runs while nothing happens to them.
  public func watch(on scheduler: Scheduler) {
    for store in stores.withLock({ Array($0.values) }) {
      watchers.withLock { watchers in
        if let watcher = watchers[store.path], watcher.result == nil { return }
        watchers[store.path] = scheduler.spawn(name: "database \(store.path)") {
          await self.watch(store, on: scheduler)
        }
      }
    }
  }

  private func watch(_ store: Store, on scheduler: Scheduler) async {
    do {
      guard let watch = try disk.makeWatch(of: store.path) else { return }
      while true {
        // Watched first, then looked at: what happens between is not missed.
        repeat { try watch.arm() } while await isMadeAnew(store, on: scheduler)
        try await watch.change(on: scheduler)
      }
    } catch is CancellationError {
      return
    } catch {
      log.warning("\(store.path): that it was removed or replaced is noticed with its next row alone: \(error)")
    }
  }

  /// Looks after the file, and waits for what may pass. What a person has to mend is said, and looked at again when the
  /// file changes.
  private func isMadeAnew(_ store: Store, on scheduler: Scheduler) async -> Bool {
    do {
      return try await Retry(of: "the watch of a database", on: scheduler, log: log).run { try await store.look() }
    } catch {
      if !(error is CancellationError) { log.error("\(error)") }
      return false
    }
  }

  /// Closes every store, after what was asked of it before.
  public func closeAll() async {
    for watcher in watchers.withLock({ Array($0.values) }) { watcher.cancel() }
    for store in stores.withLock({ Array($0.values) }) { await store.close() }
  }
}
