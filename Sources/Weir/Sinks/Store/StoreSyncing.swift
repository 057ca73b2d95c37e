import Coroutines
import Logging
import Synchronization

/// Syncs a store a moment after it has committed something: once for all that was committed until then.
final class StoreSyncing: Sendable {
  private let log: Logger
  private let current = Mutex<WeakStore>(WeakStore())

  private struct WeakStore { weak var store: Store? }

  init(log: Logger) { self.log = log }

  var store: Store? {
    get { current.withLock { $0.store } }
    set { current.withLock { $0.store = newValue } }
  }

  /// Something was committed. Called on the store's thread.
  func begin(on scheduler: Scheduler) {
    scheduler.spawn(name: "sync", after: StoreShelf.syncDelay) { [self] in
      do { try await store?.sync() } catch { log.warning("\(error); a power cut would have it read again") }
    }
  }
}
