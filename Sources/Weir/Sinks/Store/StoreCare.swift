import Coroutines
import Logging
import Synchronization

/// What a scheduler does for a store beside its requests: syncs what it has committed, and sees to it that its file is
/// there. Nothing runs while nothing is committed and nothing happens to the file.
final class StoreCare: Sendable {
  private let scheduler: Scheduler
  private let disk: any StoreDisk
  private let log: Logger
  private let watcher = Mutex<Routine<Void>?>(nil)

  init(on scheduler: Scheduler, disk: any StoreDisk, log: Logger) {
    self.scheduler = scheduler
    self.disk = disk
    self.log = log
  }

  /// Something was committed that is not synced: that is done in a moment, and tried until it works. Called on the
  /// store's thread.
  func sync(_ store: Store) {
    scheduler.spawn(name: "sync", after: StoreShelf.syncDelay) { [weak store, scheduler, log] in
      var isDone = false
      do {
        try await Retry(of: "the sync of a database", on: scheduler, log: log).run { try await store?.sync() }
        isDone = true
      } catch {
        if !(error is CancellationError) { log.warning("\(error); a power cut would have it read again") }
      }
      await store?.noteSyncOver(isDone)
    }
  }

  /// The store is open: from now on a file that is removed or replaced is made anew at once, also while nothing is
  /// written to it. Called on the store's thread.
  func watch(_ store: Store) {
    watcher.withLock { watcher in
      if let watcher, watcher.result == nil { return }
      watcher = scheduler.spawn(name: "database \(store.path)") { await self.keepWatching(store) }
    }
  }

  /// The store is closed.
  func end() {
    watcher.withLock { watcher in
      watcher?.cancel()
      watcher = nil
    }
  }

  private func keepWatching(_ store: Store) async {
    do {
      guard let watch = try disk.makeWatch(of: store.path) else { return }
      while true {
        // Watched first, then looked at: what happens between is not missed.
        repeat { try watch.arm() } while await isMadeAnew(store)
        try await watch.change(on: scheduler)
      }
    } catch is CancellationError {
      return
    } catch {
      log.warning("that \(store.path) is removed or replaced is noticed with its next row alone: \(error)")
    }
  }

  /// Looks after the file, and waits for what may pass. What a person has to mend is said, and looked at again when the
  /// file changes.
  private func isMadeAnew(_ store: Store) async -> Bool {
    do {
      return try await Retry(of: "the watch of a database", on: scheduler, log: log).run { try await store.look() }
    } catch {
      if !(error is CancellationError) { log.error("\(error)") }
      return false
    }
  }
}
