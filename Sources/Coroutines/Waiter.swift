/// One task that waits for one answer.
///
/// Owner: the scheduler's thread. The task waits there too: one from elsewhere comes to the scheduler's ``Home`` first.
@usableFromInline final class Waiter<Value: Sendable>: Seat, @unchecked Sendable {
  private enum Phase {
    case open
    case answered(Result<Value, any Error>)
  }

  /// Takes back what was asked for, if nobody has begun with it: then the waiter is answered with `CancellationError`.
  @usableFromInline @exclusivity(unchecked) var withdraw: (() -> Void)?
  @exclusivity(unchecked) private var phase = Phase.open
  /// When it was answered, by the scheduler's clock; only where ``isTimed``.
  @exclusivity(unchecked) private(set) var answeredAt: Duration?
  @exclusivity(unchecked) var isTimed = false
  private let scheduler: Scheduler

  @usableFromInline init(scheduler: Scheduler) {
    self.scheduler = scheduler
    super.init()
  }

  /// Lets the task go on, in its turn. Only the first answer counts.
  @usableFromInline func answer(_ result: Result<Value, any Error>) {
    guard case .open = phase else { return }
    phase = .answered(result)
    if isTimed { answeredAt = scheduler.clock.now }
    withdraw = nil
    if let job = job.take() { scheduler.turn.ready.append(job) }
  }

  @usableFromInline override func interrupt() { withdraw?() }

  /// Waits for the answer.
  ///
  /// - Parameters:
  ///   - state: what the routine that waits is shown to do.
  ///   - targets: the routines that can answer.
  /// - Throws: what it was answered; ``CoroutineError/cycle(_:)``.
  @usableFromInline func value(_ state: RoutineState, from targets: [RoutineCore] = []) async throws -> Value {
    if case .answered(let result) = phase { return try result.get() }
    guard let routine = scheduler.currentRoutine else { return try await valueForOthers() }
    for target in targets {
      if let names = routine.cycle(through: target) {
        withdraw?()
        throw CoroutineError.cycle(names)
      }
    }
    if Task.isCancelled { withdraw?() }
    if case .open = phase {
      routine.interruption = self
      routine.waitsFor = targets
      routine.state = state
      await scheduler.park(self)
      routine.state = .running
      routine.waitsFor = []
      routine.interruption = nil
    }
    return try result()
  }

  /// For a task that is not a routine, or a child of one: the scheduler learns of its cancellation by a handler.
  private func valueForOthers() async throws -> Value {
    try await withTaskCancellationHandler {
      try await scheduler.home.perform {
        if case .open = self.phase { await self.scheduler.park(self) }
        return try self.result()
      }
    } onCancel: {
      scheduler.call { self.interrupt() }
    }
  }

  private func result() throws -> Value {
    guard case .answered(let result) = phase else { preconditionFailure("a waiter went on without an answer") }
    return try result.get()
  }
}
