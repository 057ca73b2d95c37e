import Glibc
import Synchronization

/// An executor that lets others work in its place while it has nothing to do.
public protocol HostingExecutor: SerialExecutor {
  /// Runs `body` at once on the caller's thread, in the place of the executor's jobs, if there are none.
  ///
  /// For work that is short as a rule: to wake a thread for it may take longer. An actor of this executor may be
  /// entered in it by `assumeIsolated`. What is enqueued meanwhile waits.
  ///
  /// - Returns: what `body` returns; nil if there are jobs, and then `body` was not called.
  func runHereIfIdle<Value>(_ body: () throws -> Value) rethrows -> Value?
}

/// A thread for work that blocks: ``run(onCancel:_:)`` is awaited, and an actor may live on it.
///
/// An actor whose `unownedExecutor` is an offload runs on that thread and nowhere else, so a library that
/// wants one thread (SQLite) gets it, checked by the compiler. Jobs run in order. The thread ends with
/// the last reference.
public final class Offload: HostingExecutor {
  private let jobs: JobQueue
  /// The thread in ``runHereIfIdle(_:)``; zero if none is.
  private let guest = Atomic<UInt>(0)

  /// The thread starts with the first work. `name` is cut to the 15 bytes that pthread_setname_np(3) takes.
  public init(name: String) { jobs = JobQueue(name: name, maxThreads: 1) }

  deinit { jobs.close() }

  /// Takes a job from the runtime. Called on any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    let keeper = self
    jobs.append {
      job.runSynchronously(on: executor)
      withExtendedLifetime(keeper) {}
    }
  }

  /// Runs `body` on the thread, after what is in line; nobody waits for it.
  public func begin(_ body: @escaping @Sendable () -> Void) {
    let keeper = self
    jobs.append {
      body()
      withExtendedLifetime(keeper) {}
    }
  }

  /// As ``HostingExecutor/runHereIfIdle(_:)`` says.
  public func runHereIfIdle<Value>(_ body: () throws -> Value) rethrows -> Value? {
    guard jobs.holdIfIdle() else { return nil }
    guest.store(UInt(pthread_self()), ordering: .relaxed)
    defer {
      guest.store(0, ordering: .relaxed)
      jobs.letGo()
    }
    return try body()
  }

  /// Whether the caller is in ``runHereIfIdle(_:)``; jobs of the thread are known to the runtime.
  public func isIsolatingCurrentContext() -> Bool? { guest.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// Traps where ``isIsolatingCurrentContext()`` is false.
  public func checkIsolated() {
    precondition(isIsolatingCurrentContext() == true, "not on the offload's thread, nor in its place")
  }

  /// Runs `body` on the thread and awaits what it returns or throws.
  ///
  /// - Parameters:
  ///   - stop: called when the caller is cancelled while `body` runs, on any thread: what makes it return early, such
  ///     as `sqlite3_interrupt` or `shutdown(2)`. It must not block.
  ///   - body: may block; it is not on the scheduler's thread.
  /// - Throws: what `body` throws; `CancellationError` if the caller was cancelled before it began, and then it never
  ///   does. Once begun it is waited for, and its result is given, so nothing that it did goes unknown.
  public func run<Value: Sendable>(
    onCancel stop: (@Sendable () -> Void)? = nil, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await OffloadedWork(body, stop).run(in: jobs)
  }
}

/// A bounded number of threads for work that blocks. What finds no thread free waits in line.
///
/// The threads are started as they are needed, sleep while there is nothing to do, and end with the last reference.
public final class OffloadPool: Sendable {
  private let jobs: JobQueue

  /// - Parameters:
  ///   - name: of the threads, cut to 15 bytes.
  ///   - maxThreads: how many may work at the same time.
  public init(name: String, maxThreads: Int) { jobs = JobQueue(name: name, maxThreads: maxThreads) }

  deinit { jobs.close() }

  /// Runs `body` on one of the threads and awaits what it returns or throws; see ``Offload/run(onCancel:_:)``.
  public func run<Value: Sendable>(
    onCancel stop: (@Sendable () -> Void)? = nil, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await OffloadedWork(body, stop).run(in: jobs)
  }
}
