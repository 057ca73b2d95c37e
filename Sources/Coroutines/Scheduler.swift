import CLinux
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
  let observers = Locked<[@Sendable (RoutineExit) -> Void]>([])
  @usableFromInline let parking = Parking()
  /// Where routines are isolated.
  @usableFromInline let home = Home()
  /// What the owner works with; touched by the owner alone.
  @exclusivity(unchecked) nonisolated(unsafe) var turn: Turn

  /// What the runtime calls this scheduler, as the one and as the other; set once.
  @exclusivity(unchecked) private(set) nonisolated(unsafe) var executors:
    (serial: UnownedSerialExecutor, task: UnownedTaskExecutor)!

  let poller = Poller()
  private let isRunning = Atomic<Bool>(false)
  /// Opened when the thread that runs it has done so.
  let onRelease = Locked<[ObjectIdentifier: Latch]>([:])
  /// The scheduler that waits on this one's thread until this one has run; touched by the owner alone.
  private nonisolated(unsafe) var below: Scheduler?
  /// What other threads enqueued.
  private let arrivals = Locked<[Arrival]>([])
  /// Whether no other thread has anything to do here: then a wait without a deadline is for ever, and an error.
  private let isAlone: Bool
  /// Whether time passes by itself; else it may stand still as long as there is something to do.
  private let isInRealTime: Bool

  private enum Arrival {
    case job(UnownedJob)
    case call(@Sendable () -> Void)
  }

  /// What the thread of a scheduler works with.
  struct Turn: ~Copyable {
    var ready: ReadyQueue
    /// How many more jobs this tick may run.
    var budget = 0
    var handOvers = HandOvers()
    var deadlines = Deadlines()
    /// The routines by their own tasks, from their first turn to their end.
    var routines: [UnsafeRawPointer: RoutineCore] = [:]
  }

  /// - Parameters:
  ///   - clock: the machine's, or a ``VirtualClock``.
  ///   - seed: nil for first come first served; a seed draws the order of ready jobs, the same each time.
  ///   - isAlone: says that no other thread will have anything to do with it: then ``run(_:)`` throws ``Standstill``
  ///     where it would wait for ever.
  public init(clock: any TimeSource = SystemClock(), seed: UInt64? = nil, isAlone: Bool = false) {
    self.clock = clock
    self.isAlone = isAlone
    isInRealTime = clock is SystemClock
    turn = Turn(ready: ReadyQueue(seed: seed))
    executors = (asUnownedSerialExecutor(), asUnownedTaskExecutor())
    home.executor = executors.serial
  }

  /// Takes a job from the runtime. Called on any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnThread { turn.ready.append(job) } else { arrive(.job(job)) }
  }

  /// Whether the caller is on the thread that runs this scheduler now.
  public var isOnThread: Bool { linux_thread_owner() == UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// The scheduler that runs on the caller's thread now.
  public static var current: Scheduler? {
    linux_thread_owner().map { Unmanaged<Scheduler>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether the caller may touch what actors of this scheduler own; the runtime asks. As ``isOnThread``.
  public func isIsolatingCurrentContext() -> Bool? { isOnThread }

  /// Traps where the caller is not on the thread that runs this scheduler now.
  public func checkIsolated() {
    precondition(isOnThread, "not on the scheduler's thread")
  }

  /// Calls `body` on the scheduler's thread: at once there, and else with the next tick.
  func call(_ body: @escaping @Sendable () -> Void) {
    if isOnThread { body() } else { callLater(body) }
  }

  /// Calls `body` on the scheduler's thread, with the next tick.
  func callLater(_ body: @escaping @Sendable () -> Void) { arrive(.call(body)) }

  private func arrive(_ arrival: Arrival) {
    let wasEmpty = arrivals.withLock { arrivals in
      defer { arrivals.append(arrival) }
      return arrivals.isEmpty
    }
    if wasEmpty { poller.wake() }
  }

  /// Suspends the caller, whose job goes to `seat`.
  @usableFromInline func park(_ seat: Seat) async {
    parking.landing = .passUnretained(seat)
    await parking.stop()
  }

  /// Runs `body` as a routine, and everything that it starts, on this thread until `body` ends.
  ///
  /// Routines that are still there keep their place and go on with the next `run`; where there is none, close or stop
  /// them before. One thread runs a scheduler at a time: another waits until that one has.
  ///
  /// It blocks the calling thread: where that is one of Swift's own pool, tasks elsewhere have one thread less, and two
  /// such threads are all that a small machine has. Async code has ``onOwnThread(name:clock:_:)``.
  ///
  /// - Throws: what `body` throws; ``Standstill``.
  public func run<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    try run(until: spawn(name: "main", body)).get()
  }

  /// As ``run(_:)``, for a scheduler that is not run again: who is left, or is spawned by those, is cancelled and
  /// waited for, unless nothing can happen any more.
  func runAlone<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let result = run(until: spawn(name: "main", body))
    whileOwning {
      while true {
        for core in routineTable.cores where !core.isCancelled { core.cancel() }
        guard !routineTable.isEmpty, !(isAlone && isAtStandstill) else { break }
        tick { routineTable.isEmpty }
      }
    }
    return try result.get()
  }

  /// Runs what was spawned on this thread until `routine` has ended.
  func run<Value: Sendable>(until routine: Routine<Value>) -> Result<Value, any Error> {
    // Asked each turn, and so of what needs no lock and no type's metadata.
    let core = routine.core
    return whileOwning {
      while core.state != .ended {
        if isAlone, isAtStandstill { return .failure(Standstill(routines: routines)) }
        tick { core.state == .ended }
      }
      guard let result = routine.result else { preconditionFailure("a routine ended without a result") }
      return result
    }
  }

  /// Runs what was spawned on this thread until `isOver`, unless another thread runs it.
  ///
  /// - Returns: whether it ran here.
  func runIfFree(until isOver: () -> Bool) -> Bool {
    guard !isRunning.exchange(true, ordering: .acquiring) else { return false }
    own { while !isOver() { tick(until: isOver) } }
    return true
  }

  /// Runs what was spawned on this thread until no routine is left.
  public func runToEnd() {
    whileOwning {
      while !routineTable.isEmpty { tick { routineTable.isEmpty } }
    }
  }

  /// Runs what was spawned on this thread until `deadline`, by ``clock``.
  public func run(until deadline: Duration) {
    whileOwning {
      let alarm = spawn(name: "until") { try await self.sleep(until: deadline) }
      while alarm.result == nil { tick { alarm.result != nil } }
    }
  }

  /// Makes this thread the scheduler's while `body` runs; where another thread runs it, when that has done so.
  private func whileOwning<Value>(_ body: () throws -> Value) rethrows -> Value {
    precondition(!isBelowCaller, "the scheduler runs already, on this very thread")
    let latch = Latch()
    onRelease.withLock { $0[ObjectIdentifier(latch)] = latch }
    defer { onRelease.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(latch)) } }
    while isRunning.exchange(true, ordering: .acquiring) { latch.pass() }
    return try own(body)
  }

  /// Makes this thread the scheduler's while `body` runs; a scheduler that runs on it already waits below.
  private func own<Value>(_ body: () throws -> Value) rethrows -> Value {
    below = .current
    linux_set_thread_owner(Unmanaged.passUnretained(self).toOpaque())
    defer {
      linux_set_thread_owner(below.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) })
      below = nil
      isRunning.store(false, ordering: .releasing)
      for latch in onRelease.withLock({ $0 }).values { latch.open() }
    }
    return try body()
  }

  /// Whether it runs on the caller's thread, or waits there for one that runs on top of it.
  var isBelowCaller: Bool {
    var scheduler = Scheduler.current
    while let here = scheduler {
      if here === self { return true }
      scheduler = here.below
    }
    return false
  }

  /// Runs `body` where routines are isolated, for a caller that may be on another thread.
  ///
  /// - Throws: what `body` throws; ``CoroutineError/wouldBlockScheduler`` where the scheduler waits for the caller's.
  @usableFromInline func visit<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    if !isOnThread, isBelowCaller { throw CoroutineError.wouldBlockScheduler }
    return try await home.perform(body)
  }

  /// One turn: jobs of other threads, a bounded number of ready ones, timers, descriptors.
  ///
  /// - Parameter isOver: asked before going to sleep.
  private func tick(until isOver: () -> Bool) {
    takeArrivals()
    turn.budget = Self.jobsPerTick
    while turn.budget > 0, let job = turn.ready.popNext() {
      turn.budget -= 1
      job.runSynchronously(isolatedTo: executors.serial, taskExecutor: executors.task)
    }
    let next = fireDeadlines()
    guard turn.ready.isEmpty else { return poller.wait(timeout: .zero) }
    if isOver() { return }
    guard let next else {
      if !(isAlone && isAtStandstill) { poller.wait(timeout: nil) }
      return
    }
    if isInRealTime { return poller.wait(timeout: max(.zero, next - clock.now)) }
    if poller.isWatching { poller.wait(timeout: .zero) }
    guard turn.ready.isEmpty, arrivals.withLock({ $0.isEmpty }) else { return }
    if !clock.skip(to: next) { poller.wait(timeout: max(.zero, next - clock.now)) }
  }

  private var isAtStandstill: Bool {
    turn.ready.isEmpty && turn.deadlines.earliest() == nil && !poller.isWatching && arrivals.withLock { $0.isEmpty }
  }

  private func takeArrivals() {
    let arrived = arrivals.withLock { arrivals -> [Arrival] in
      defer { arrivals.removeAll(keepingCapacity: arrivals.capacity < 1024) }
      return arrivals
    }
    for arrival in arrived {
      switch arrival {
      case .job(let job): turn.ready.append(job)
      case .call(let body): body()
      }
    }
  }

  /// - Returns: the next deadline, if someone waits for one.
  private func fireDeadlines() -> Duration? {
    guard turn.deadlines.earliest() != nil else { return nil }
    for action in turn.deadlines.popDue(at: clock.now) { action() }
    return turn.deadlines.earliest()
  }
}
