import Synchronization

/// One scheduled task with an id and a name. Its end, error or cancellation is its own and nobody else's.
public final class Routine<Value: Sendable>: Sendable {
  /// What is called with the outcome.
  public typealias Callback = @Sendable (Result<Value, any Error>) -> Void

  private struct Phase {
    var callbacks: [Callback] = []
    var result: Result<Value, any Error>?
  }

  /// 1, 2, 3, ... in order of start.
  public var id: Int { core.id }
  /// What it was spawned as.
  public var name: String { core.name }

  let core: RoutineCore
  /// Touched under the core's lock alone: one lock a routine.
  private nonisolated(unsafe) var phase = Phase()

  init(core: RoutineCore) { self.core = core }

  /// What the body returned or threw, awaited: as with a `Task`, to the end, whether or not the caller is cancelled.
  ///
  /// - Throws: what the body threw; ``CoroutineError/cycle(_:)`` where the routine waits for the caller.
  public var value: Value {
    get async throws {
      if let result { return try result.get() }
      let scheduler = core.scheduler
      guard scheduler.isOnThread, scheduler.currentRoutine != nil else {
        if !scheduler.isOnThread, scheduler.isBelowCaller { throw CoroutineError.wouldBlockScheduler }
        return try await valueForOthers.get()
      }
      let waiter = Waiter<Value>(scheduler: scheduler)
      whenDone { waiter.answer($0) }
      return try await waiter.value(.joining, from: [core])
    }
  }

  private var valueForOthers: Result<Value, any Error> {
    get async {
      await withCheckedContinuation { continuation in whenDone { continuation.resume(returning: $0) } }
    }
  }

  /// How the body ended, awaited: for who does not mind an error.
  public var outcome: Result<Value, any Error> {
    get async {
      do { return .success(try await value) } catch { return .failure(error) }
    }
  }

  /// What the body returned or threw; nil while it runs.
  public var result: Result<Value, any Error>? {
    core.handle.withLock { _ in phase.result }
  }

  /// What it does now, and whether it was cancelled.
  public var status: RoutineStatus { core.status }

  /// Asks the body to end: what it awaits throws `CancellationError`.
  public func cancel() { core.cancel() }

  /// Calls `callback` once with the outcome: when the body ends, on the scheduler's thread; or at once if it has.
  public func whenDone(_ callback: @escaping Callback) {
    let ended = core.handle.withLock { _ -> Result<Value, any Error>? in
      if phase.result == nil { phase.callbacks.append(callback) }
      return phase.result
    }
    if let ended { callback(ended) }
  }

  func end(_ result: Result<Value, any Error>) {
    let callbacks = core.handle.withLock { _ in
      defer { phase = Phase(result: result) }
      return phase.callbacks
    }
    for callback in callbacks { callback(result) }
  }
}

/// How a routine ended, as ``Scheduler/onExit(_:)`` reports it.
public struct RoutineExit: Sendable {
  /// The routine's id.
  public let id: Int
  /// The routine's name.
  public let name: String
  /// What its body threw; nil if it returned. A cancelled body throws `CancellationError` as a rule.
  public let error: (any Error)?
}

extension Scheduler {
  /// Starts `body` as a routine on this scheduler. It begins at a later turn, never within this call.
  ///
  /// The body, its child tasks, and the plain actors and continuations that it awaits run on the scheduler's thread.
  @discardableResult
  public func spawn<Value: Sendable>(
    name: String, _ body: @escaping @Sendable () async throws -> Value
  ) -> Routine<Value> {
    let routine = Routine<Value>(core: routineTable.make(name: name, on: self))
    start(routine, body)
    return routine
  }

  /// Starts `body` as a routine that sleeps first, until `delay` from now.
  @discardableResult
  public func spawn<Value: Sendable>(
    name: String, after delay: Duration, _ body: @escaping @Sendable () async throws -> Value
  ) -> Routine<Value> {
    let start = clock.now + delay
    return spawn(name: name) {
      try await self.sleep(until: start)
      return try await body()
    }
  }

  func start<Value: Sendable>(_ routine: Routine<Value>, _ body: @escaping @Sendable () async throws -> Value) {
    routineTable.add(routine.core)
    routine.core.start(
      // Without a name of the task's own: that is a record, which takes a kilobyte of a generator.
      Task(executorPreference: self) { [self] in
        await home.host {
          let core = routine.core
          begin(core)
          let result: Result<Value, any Error>
          do { result = .success(try await body()) } catch { result = .failure(error) }
          let exit = RoutineExit(id: core.id, name: core.name, error: result.failure)
          forget(core)
          routine.end(result)
          core.end(exit)
          report(exit)
        }
      })
  }

  /// The routines that have not ended, in order of start. Any thread may ask.
  public var routines: [RoutineStatus] { routineTable.cores.map(\.status) }

  /// Calls `observer` with each routine that ends from now on, on the scheduler's thread.
  public func onExit(_ observer: @escaping @Sendable (RoutineExit) -> Void) {
    observers.withLock { $0.append(observer) }
  }

  private func begin(_ core: RoutineCore) {
    core.task = currentTask()
    core.state = .running
    turn.routines[core.task!] = core
  }

  private func forget(_ core: RoutineCore) {
    if let task = core.task.take() { turn.routines[task] = nil }
    routineTable.remove(core)
  }

  private func report(_ exit: RoutineExit) {
    for observer in observers.withLock({ $0 }) { observer(exit) }
  }

  /// The routine whose own task the caller is; nil for a child task, a stranger, or off the scheduler's thread.
  var currentRoutine: RoutineCore? {
    guard isOnThread else { return nil }
    return currentTask().flatMap { turn.routines[$0] }
  }
}

extension Result {
  var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
