import Synchronization

/// What the engine knows of a routine, whatever its value: its name, its task, what it waits for.
///
/// Owner: the scheduler's thread, but for what is constant or says otherwise.
@usableFromInline final class RoutineCore: @unchecked Sendable {
  let id: Int
  @usableFromInline let name: String
  let scheduler: Scheduler

  /// The routine's own task, from its first turn until its end. Compared, never called.
  @usableFromInline @exclusivity(unchecked) var task: UnsafeRawPointer?
  /// What a cancellation interrupts: set while the routine is parked.
  @usableFromInline @exclusivity(unchecked) var interruption: Seat?
  /// The routines without which it does not go on.
  @exclusivity(unchecked) var waitsFor: [RoutineCore] = []
  /// How it is told to end in an orderly way; nil is by cancellation.
  @exclusivity(unchecked) var ending: Seat?

  /// How it ended; nil before.
  @exclusivity(unchecked) private var result: Result<Void, any Error>?
  @exclusivity(unchecked) private var exitWaiters: [Waiter<RoutineExit?>] = []
  /// A `Mutex`, and not ``Locked``, for its size: with that a coroutine would take more than 2 KB.
  let handle = Mutex((task: Task<Void, Never>?.none, isOver: false))

  @usableFromInline let stateByte = Atomic<UInt8>(RoutineState.starting.rawValue)
  private let cancelled = Atomic<Bool>(false)

  init(id: Int, name: String, scheduler: Scheduler) {
    self.id = id
    self.name = name
    self.scheduler = scheduler
  }

  /// Read by any thread.
  @usableFromInline var state: RoutineState {
    @inlinable get { RoutineState(rawValue: stateByte.load(ordering: .relaxed))! }
    @inlinable set { stateByte.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// Read and set by any thread.
  var isCancelled: Bool {
    get { cancelled.load(ordering: .relaxed) }
    set { cancelled.store(newValue, ordering: .relaxed) }
  }

  /// Read by any thread.
  var status: RoutineStatus { RoutineStatus(id: id, name: name, state: state, isCancelled: isCancelled) }

  /// Whether the caller is this routine's own task, and not a child of it or a stranger.
  @inlinable var isCurrent: Bool { task != nil && task == currentTask() }

  /// Keeps the task, so that it can be cancelled. Called once.
  func start(_ task: Task<Void, Never>) {
    handle.withLock { handle in if !handle.isOver { handle.task = task } }
    if isCancelled { task.cancel() }
  }

  /// Cancels the task. Any thread may call it.
  func cancel() {
    isCancelled = true
    handle.withLock { $0.task }?.cancel()
    scheduler.call { self.interrupt() }
  }

  /// Tells it to end: in its orderly way, or by cancellation where it has none.
  func tellToEnd() {
    if let ending { ending.end() } else { cancel() }
  }

  /// Its body has ended.
  func end(_ exit: RoutineExit) {
    result = exit.error.map { .failure($0) } ?? .success(())
    ending = nil
    state = .ended
    handle.withLock { $0 = (nil, true) }
    for waiter in exitWaiters { waiter.answer(.success(exit)) }
    exitWaiters = []
  }

  var exit: RoutineExit? { result.map { RoutineExit(id: id, name: name, error: $0.failure) } }

  /// Waits for its end until `deadline`, by the scheduler's clock; nil where that came first.
  func exit(by deadline: Duration?) async throws -> RoutineExit? {
    if let exit { return exit }
    let waiter = Waiter<RoutineExit?>(scheduler: scheduler)
    waiter.withdraw = { [unowned waiter] in waiter.answer(.failure(CancellationError())) }
    exitWaiters.append(waiter)
    let ticket = deadline.map { deadline in
      scheduler.turn.deadlines.add(at: deadline) { waiter.answer(.success(nil)) }
    }
    defer {
      if let ticket { scheduler.turn.deadlines.cancel(ticket) }
      exitWaiters.removeAll { $0 === waiter }
    }
    return try await waiter.value(.joining, from: [self])
  }

  /// Its task was cancelled: what it is parked in throws.
  func interrupt() { interruption?.interrupt() }
}

/// What a routine does.
public enum RoutineState: UInt8, Sendable, CustomStringConvertible {
  /// It has not had its first turn.
  case starting
  /// It has the thread, stands in line for it, or awaits something that the scheduler does not know.
  case running
  /// A coroutine or generator that waits to be sent a value, or to be asked for one.
  case receiving
  /// It has sent or thrown something, or asked for something, and waits for the answer.
  case sending
  /// It waits for the end of another routine.
  case joining
  /// It waits for a bell.
  case waiting
  /// It waits for a time.
  case sleeping
  /// It waits for a descriptor.
  case polling
  /// Its body has returned or thrown.
  case ended

  /// Its name, as `status` shows it.
  public var description: String {
    switch self {
    case .starting: "starting"
    case .running: "running"
    case .receiving: "receiving"
    case .sending: "sending"
    case .joining: "joining"
    case .waiting: "waiting"
    case .sleeping: "sleeping"
    case .polling: "polling"
    case .ended: "ended"
    }
  }
}

/// What can be said of a routine at any time.
public struct RoutineStatus: Sendable, Equatable {
  /// 1, 2, 3, ... in order of start.
  public let id: Int
  /// What it was spawned as.
  public let name: String
  /// What it does.
  public let state: RoutineState
  /// Whether it was told to end and has not ended yet.
  public let isCancelled: Bool
}
