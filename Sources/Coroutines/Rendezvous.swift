/// Where the senders of a coroutine and its body meet: who stands in line, whom the body serves, where the body stands.
///
/// Invariants: the line is empty while the body waits; somebody is served only while the body runs.
/// Owner: the scheduler's thread. Senders are in `Rendezvous+Senders`, the body in `Rendezvous+Body`.
@usableFromInline final class Rendezvous<Input: Sendable, Output: Sendable>: Seat, @unchecked Sendable {
  @usableFromInline typealias Answer = Result<Output?, any Error>

  /// What a sender brings.
  @usableFromInline enum Letter: Sendable {
    case value(Input)
    case error(any Error)
    /// `next()`: go on, without a value.
    case resume
  }

  /// Where the body stands.
  @usableFromInline enum Stand: Sendable {
    case running
    /// In `next()`.
    case asking
    /// In `yield(_:)`.
    case yielding
    case ended
  }

  /// Whose letter the body works on.
  @usableFromInline enum Served {
    case nobody
    /// The sender that runs it on top of itself; its answer is left in `answer`.
    case below
    case waiting(Waiter<Output?>)
  }

  /// What a body that waited is given.
  @usableFromInline enum Wakeup {
    case letter(Letter)
    case exit
  }

  @usableFromInline let routine: RoutineCore
  @usableFromInline let scheduler: Scheduler

  @usableFromInline @exclusivity(unchecked) var stand = Stand.running
  @usableFromInline @exclusivity(unchecked) var served = Served.nobody
  /// Whose values the body took from the line together with that of whom it serves.
  @usableFromInline @exclusivity(unchecked) var alsoServed: [Waiter<Output?>] = []
  @usableFromInline @exclusivity(unchecked) var answer: Answer?
  @usableFromInline @exclusivity(unchecked) var wakeup: Wakeup?
  @usableFromInline @exclusivity(unchecked) var line = WaitingLine<Letter, Output?>()
  /// What the body yielded before anyone asked.
  @usableFromInline @exclusivity(unchecked) var unclaimed: Output?
  @usableFromInline @exclusivity(unchecked) var isClosing = false
  /// How often the body was told to end: by a nil, or by an exit.
  @usableFromInline @exclusivity(unchecked) var exits = 0
  @usableFromInline @exclusivity(unchecked) var closers: [Waiter<Void>] = []
  @usableFromInline @exclusivity(unchecked) var failure: (any Error)?
  /// The failure, until the first who comes after it is told: nobody was there when it happened.
  @usableFromInline @exclusivity(unchecked) var untold: (any Error)?
  /// Whether the body alone takes letters, and none of its child tasks: then who waits for it waits for the routine.
  /// Taken to be so until a child asks.
  @usableFromInline @exclusivity(unchecked) var isServedByRoutine = true

  init(routine: RoutineCore) {
    self.routine = routine
    scheduler = routine.scheduler
  }

  /// Answers whoever the body serves.
  @inlinable func answerServed(_ result: Answer) {
    switch served {
    case .nobody: return
    case .below: answer = result
    case .waiting(let sender): sender.answer(result)
    }
    served = .nobody
    if !alsoServed.isEmpty { answerAlsoServed(result) }
  }

  @usableFromInline func answerAlsoServed(_ result: Answer) {
    let senders = alsoServed
    alsoServed = []
    for sender in senders { sender.answer(result) }
  }

  /// Lets a waiting body go on in its turn.
  @usableFromInline func wake(_ wakeup: Wakeup) {
    guard let job = job.take() else { return }
    self.wakeup = wakeup
    stand = .running
    unclaimed = nil
    scheduler.turn.ready.append(job)
  }

  /// Tells the body to end after what stands in line: its `next()` gives nil, its `yield` throws.
  @usableFromInline override func end() {
    isClosing = true
    unclaimed = nil
    wake(.exit)
  }

  /// The body's task was cancelled.
  @usableFromInline override func interrupt() { raise(CancellationError()) }

  /// Raises `error` in the body if it waits.
  func raise(_ error: any Error) { wake(.letter(.error(error))) }
}
