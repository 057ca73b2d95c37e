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
  /// Called instead where somebody has begun with it.
  @exclusivity(unchecked) var onInterrupt: (() -> Void)?
  /// Whom the task waits for at the same time, and who are told of its cancellation too; it may be among them.
  @usableFromInline @exclusivity(unchecked) var companions: [Seat] = []
  @exclusivity(unchecked) private var phase = Phase.open
  /// Called when it is answered, before the task goes on.
  @usableFromInline @exclusivity(unchecked) var onAnswer: (() -> Void)?
  private let scheduler: Scheduler

  @usableFromInline init(scheduler: Scheduler) {
    self.scheduler = scheduler
    super.init()
  }

  /// Whether the answer is there.
  @usableFromInline var isAnswered: Bool { if case .answered = phase { true } else { false } }

  /// Lets the task go on, in its turn. Only the first answer counts.
  @usableFromInline func answer(_ result: Result<Value, any Error>) {
    guard case .open = phase else { return }
    phase = .answered(result)
    onAnswer.take()?()
    withdraw = nil
    onInterrupt = nil
    if let job = job.take() { scheduler.turn.ready.append(job) }
  }

  @usableFromInline override func interrupt() {
    if let withdraw { withdraw() } else { onInterrupt?() }
    for companion in companions where companion !== self { companion.interrupt() }
  }

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
    if Task.isCancelled { interrupt() }
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
      try await scheduler.visit {
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
