import Glibc

/// A value behind a lock: what several threads share.
///
/// `Synchronization.Mutex` would be a word instead of an allocation, but the thread sanitizer does not see it: its
/// futex is taken in a library that is not instrumented, and each access is reported as a race. A pthread mutex it
/// sees. The value and the lock have one address for life in a `ManagedBuffer`, as in swift-nio's `NIOLockedValueBox`.
struct Locked<Value>: ~Copyable, @unchecked Sendable {
  private final class Storage: ManagedBuffer<Value, pthread_mutex_t> {
    deinit { _ = withUnsafeMutablePointerToElements { pthread_mutex_destroy($0) } }
  }

  private let storage: ManagedBuffer<Value, pthread_mutex_t>

  init(_ value: sending Value) {
    let value = value
    storage = Storage.create(minimumCapacity: 1) { _ in value }
    storage.withUnsafeMutablePointerToElements { _ = pthread_mutex_init($0, nil) }
  }

  /// Calls `body` with the value, while no other thread has it.
  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try storage.withUnsafeMutablePointers { value, lock in
      pthread_mutex_lock(lock)
      defer { pthread_mutex_unlock(lock) }
      return try body(&value.pointee)
    }
  }
}
