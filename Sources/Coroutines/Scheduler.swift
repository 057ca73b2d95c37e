import Glibc
import Synchronization

/// Runs coroutines on one thread: first come first served, timers, descriptors, and sleep in the
/// kernel when nothing is ready.
///
/// It is a `TaskExecutor` and a `SerialExecutor`: a routine spawned here, and an actor whose
/// `unownedExecutor` is this scheduler, run on the thread that called ``run(_:)`` and nowhere else.
/// So what such actors own needs no lock, and calls between them do not hop.
///
/// A bounded number of jobs runs between two looks at timers and descriptors, so a busy routine
/// delays them by a tick and never starves them.
public final class Scheduler: TaskExecutor, SerialExecutor {
  /// Jobs that run in one tick, at most.
  static let jobsPerTick = 256

  /// The time that routines sleep by.
  public let clock: any TimeSource

  let routineTable = RoutineTable()
  private let poller = Poller()
  private let deadlines = Mutex(Deadlines())
  private let tickets = Atomic<UInt64>(0)
  /// pthread_self() of the thread in `run`; 0 outside it.
  private let owner = Atomic<UInt>(0)
  /// What other threads enqueued.
  private let arrivals = Mutex<[UnownedJob]>([])
  /// What the owner runs next; touched by the owner alone.
  private nonisolated(unsafe) var ready: ReadyQueue

  /// - Parameters:
  ///   - clock: the machine's, or a ``VirtualClock``.
  ///   - seed: nil for first come first served; a seed draws the order of ready jobs, the same each time.
  public init(clock: any TimeSource = SystemClock(), seed: UInt64? = nil) {
    self.clock = clock
    ready = ReadyQueue(seed: seed)
  }

  /// Takes a job from the runtime. Called on any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnThread {
      ready.append(job)
      return
    }
    let wasEmpty = arrivals.withLock { jobs in
      defer { jobs.append(job) }
      return jobs.isEmpty
    }
    if wasEmpty { poller.wake() }
  }

  /// Whether the caller is on the thread that runs this scheduler.
  public var isOnThread: Bool { owner.load(ordering: .relaxed) == UInt(pthread_self()) }

  public func isIsolatingCurrentContext() -> Bool? { isOnThread }

  public func checkIsolated() {
    precondition(isOnThread, "not on the scheduler's thread")
  }

  /// Runs `body` as a routine, and everything that it starts, on this thread until `body` ends.
  ///
  /// Routines that are still there keep their place and go on with the next `run`.
  ///
  /// - Throws: what `body` throws.
  public func run<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let (taken, _) = owner.compareExchange(expected: 0, desired: UInt(pthread_self()), ordering: .acquiring)
    precondition(taken, "the scheduler runs already")
    defer { owner.store(0, ordering: .releasing) }
    let main = spawn(name: "main", body)
    while true {
      if let result = main.result { return try result.get() }
      tick { main.result != nil }
    }
  }

  /// One turn: jobs of other threads, a bounded number of ready ones, timers, descriptors.
  ///
  /// - Parameter isOver: asked before going to sleep.
  private func tick(until isOver: () -> Bool) {
    takeArrivals()
    var budget = Self.jobsPerTick
    while budget > 0, let job = ready.popNext() {
      job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      budget -= 1
    }
    let next = fireDeadlines()
    guard ready.isEmpty else { return poller.wait(timeout: .zero) }
    if isOver() { return }
    guard let next else { return poller.wait(timeout: nil) }
    if poller.isWatching { poller.wait(timeout: .zero) }
    guard ready.isEmpty, arrivals.withLock({ $0.isEmpty }) else { return }
    if !clock.skip(to: next) { poller.wait(timeout: max(.zero, next - clock.now)) }
  }

  private func takeArrivals() {
    let jobs = arrivals.withLock { jobs -> [UnownedJob] in
      defer { jobs.removeAll(keepingCapacity: jobs.capacity < 1024) }
      return jobs
    }
    for job in jobs { ready.append(job) }
  }

  /// - Returns: the next deadline, if someone waits for one.
  private func fireDeadlines() -> Duration? {
    let (due, next) = deadlines.withLock { deadlines -> ([Deadlines.Waiter], Duration?) in
      guard deadlines.earliest() != nil else { return ([], nil) }
      return (deadlines.popDue(at: clock.now), deadlines.earliest())
    }
    for waiter in due { waiter.resume() }
    return next
  }
}

extension Scheduler {
  /// Suspends the caller for `duration`, at the least.
  ///
  /// - Throws: `CancellationError` at once when the caller's task is cancelled.
  public func sleep(for duration: Duration) async throws {
    let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
    let deadline = clock.now + duration
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiter: Deadlines.Waiter) in
        deadlines.withLock { deadlines -> Void in
          if Task.isCancelled { return waiter.resume(throwing: CancellationError()) }
          deadlines.add(waiter, ticket: ticket, deadline: deadline)
        }
        if !isOnThread { poller.wake() }
      }
    } onCancel: {
      deadlines.withLock { $0.remove(ticket: ticket) }?.resume(throwing: CancellationError())
    }
  }

  /// Suspends the caller until `descriptor` can be read without blocking, or has ended.
  ///
  /// Regular files are always readable. One waiter a descriptor at a time; the descriptor stays
  /// open while someone waits for it.
  ///
  /// - Throws: `CancellationError`; ``SystemError`` where epoll does not take the descriptor.
  public func readable(_ descriptor: Int32) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        poller.add(waiter, descriptor: descriptor)
        if Task.isCancelled { poller.remove(descriptor: descriptor)?.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      poller.remove(descriptor: descriptor)?.resume(throwing: CancellationError())
    }
  }
}
