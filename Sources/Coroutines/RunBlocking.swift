import Glibc

extension Scheduler {
  /// Runs `body` as a routine of this scheduler, and blocks the calling thread until it has ended: the way from
  /// synchronous code into async code.
  ///
  /// Where another thread runs the scheduler, it runs `body` too, and this one sleeps; where none does, or that one
  /// stops, this thread runs it.
  ///
  /// - Throws: what `body` throws; ``CoroutineError/wouldBlockScheduler`` on the scheduler's own thread, where `body`
  ///   could not run while its caller blocks. There, await it, or ``run(_:)`` a scheduler of its own.
  public func runBlocking<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    if isBelowCaller { throw CoroutineError.wouldBlockScheduler }
    let routine = spawn(name: "blocking", body)
    let latch = Latch()
    routine.whenDone { _ in latch.open() }
    onRelease.withLock { $0[ObjectIdentifier(latch)] = latch }
    defer { onRelease.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(latch)) } }
    while true {
      if let result = routine.result { return try result.get() }
      if !runIfFree(until: { routine.result != nil }) { latch.pass() }
    }
  }

  /// Runs `body` as the main routine of a scheduler with a thread of its own, and awaits it: the way in for async code
  /// that runs elsewhere, such as at the top level of a program.
  ///
  /// Cancelling the caller cancels every routine of that scheduler. Routines that are left when `body` has ended are
  /// cancelled and waited for.
  ///
  /// - Parameters:
  ///   - name: of the thread, cut to 15 bytes.
  ///   - clock: the machine's, or a ``VirtualClock``.
  ///   - body: is given the scheduler, and runs on its thread.
  /// - Throws: what `body` throws; `CancellationError`.
  public static func onOwnThread<Value: Sendable>(
    name: String = "scheduler", clock: any TimeSource = SystemClock(),
    _ body: @escaping @Sendable (Scheduler) async throws -> Value
  ) async throws -> Value {
    let scheduler = Scheduler(clock: clock)
    let isCancelled = Locked(false)
    let cancel: @Sendable () -> Void = {
      isCancelled.withLock { $0 = true }
      for core in scheduler.routineTable.cores { core.cancel() }
    }
    return try await Offload(name: name).run(onCancel: cancel) {
      try scheduler.runAlone {
        if isCancelled.withLock({ $0 }) { scheduler.currentRoutine?.cancel() }
        return try await body(scheduler)
      }
    }
  }
}

/// What a thread sleeps at until another opens it; a passage closes it again.
final class Latch: @unchecked Sendable {
  // Invariant: `isOpen` is touched under `mutex` alone.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let opened = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isOpen = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(opened, nil)
  }

  deinit {
    pthread_cond_destroy(opened)
    pthread_mutex_destroy(mutex)
    opened.deallocate()
    mutex.deallocate()
  }

  func open() {
    pthread_mutex_lock(mutex)
    isOpen = true
    pthread_cond_signal(opened)
    pthread_mutex_unlock(mutex)
  }

  func pass() {
    pthread_mutex_lock(mutex)
    while !isOpen { pthread_cond_wait(opened, mutex) }
    isOpen = false
    pthread_mutex_unlock(mutex)
  }
}
