import CLinux
import DequeModule
import Glibc
import Synchronization

/// A thread for work that blocks: `run` is awaited, and an actor may live on it.
///
/// An actor whose `unownedExecutor` is an offload runs on that thread and nowhere else, so a library that
/// wants one thread (SQLite) gets it, checked by the compiler. Jobs run in order. The thread ends with
/// the last reference.
public final class Offload: SerialExecutor {
  private let jobs = JobQueue()

  /// Starts the thread. `name` is cut to the 15 bytes that pthread_setname_np(3) takes.
  public init(name: String) { jobs.startThread(name: name) }

  deinit { jobs.close() }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    let keeper = self
    jobs.append {
      job.runSynchronously(on: executor)
      withExtendedLifetime(keeper) {}
    }
  }

  /// Runs `body` on the thread and awaits what it returns or throws.
  public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { waiter in
      jobs.append { waiter.resume(with: Result(catching: body)) }
    }
  }
}

/// Closures for one thread, which sleeps while there are none.
private final class JobQueue: @unchecked Sendable {
  // Invariant: `queue` and `isClosed` are touched under `mutex` alone.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var queue = Deque<() -> Void>()
  private var isClosed = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrived, nil)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(mutex)
    arrived.deallocate()
    mutex.deallocate()
  }

  func append(_ job: @escaping () -> Void) {
    pthread_mutex_lock(mutex)
    queue.append(job)
    pthread_cond_signal(arrived)
    pthread_mutex_unlock(mutex)
  }

  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_signal(arrived)
    pthread_mutex_unlock(mutex)
  }

  func startThread(name: String) {
    append { linux_name_thread(name) }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { box in
      Unmanaged<JobQueue>.fromOpaque(box!).takeRetainedValue().work()
    }
    let failure = pthread_create(&thread, nil, body, box.toOpaque())
    precondition(failure == 0, "no thread could be made: \(String(cString: strerror(failure)))")
    pthread_detach(thread)
  }

  private func work() -> UnsafeMutableRawPointer? {
    while let job = next() { job() }
    return nil
  }

  /// The next job; nil when closed and empty.
  private func next() -> (() -> Void)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while queue.isEmpty {
      if isClosed { return nil }
      pthread_cond_wait(arrived, mutex)
    }
    return queue.popFirst()
  }
}
