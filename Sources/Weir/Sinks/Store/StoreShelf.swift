import Logging
import Synchronization
import SystemPackage

/// The databases of an agent: a file is opened once, whoever writes to it.
public final class StoreShelf: Sendable {
  private let stores = Mutex<[FilePath: Store]>([:])
  private let log: Logger

  /// A shelf without a store. `log` is told what happens to databases while they are used.
  public init(log: Logger = Logger(label: "weir") { _ in SwiftLogNoOpLogHandler() }) { self.log = log }

  /// The store of that file: the same one for all its spellings, through symbolic links too. Opens nothing.
  public func store(at path: FilePath) -> Store {
    let canonical = StoreFile.canonical(path)
    return stores.withLock { stores in
      if let store = stores[canonical] { return store }
      let store = Store(path: canonical, log: log)
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
