/// A body that is sent values, and that gives a value back for each.
///
/// ```swift
/// let average = Coroutine(name: "average", on: scheduler) { (exchange: Exchange<Double, Double>) in
///   var (sum, count) = (0.0, 0.0)
///   for try await number in exchange {
///     (sum, count) = (sum + number, count + 1)
///     ...
///   }
/// }
/// ```
///
/// ``send(_:)`` returns what the body yields next, or nil when the body asks for more without yielding; so a slow body
/// slows its sender, and nothing is buffered. Several senders wait in line. The body runs on the scheduler that started
/// it, and is ready for its first value without priming. Any task on any thread may send.
///
/// A coroutine that nobody holds any more is closed.
public final class Coroutine<Input: Sendable, Output: Sendable, Return: Sendable>: Sendable {
  /// What it was started as.
  public var name: String { rendezvous.routine.name }
  @usableFromInline let rendezvous: Rendezvous<Input, Output>
  private let routine: Routine<Return>

  /// Starts `body` on `scheduler`. It begins at a later turn, never within this call.
  public init(
    name: String, on scheduler: Scheduler,
    body: @escaping @Sendable (Exchange<Input, Output>) async throws -> Return
  ) {
    routine = Routine(core: scheduler.routineTable.make(name: name, on: scheduler))
    let rendezvous = Rendezvous<Input, Output>(routine: routine.core)
    self.rendezvous = rendezvous
    routine.core.ending = rendezvous
    scheduler.start(routine) {
      do {
        let value = try await body(Exchange(rendezvous))
        rendezvous.finish(nil)
        return value
      } catch {
        rendezvous.finish(error)
        throw error
      }
    }
  }

  deinit {
    if !hasEnded { rendezvous.scheduler.call { [rendezvous] in rendezvous.end() } }
  }

  /// Resumes the body with `value`, and returns what it yields next.
  ///
  /// - Returns: nil when the body asked for the next value without yielding one, or returned.
  /// - Throws: what the body threw while it had the value; the error that ended the body before, or
  ///   ``CoroutineError/ended(name:)`` or ``CoroutineError/cancelled(name:)``; ``CoroutineError/notAsked(name:)``;
  ///   ``CoroutineError/usedByItself(name:)`` and ``CoroutineError/cycle(_:)`` instead of waiting for ever;
  ///   `CancellationError` if the sender was cancelled before the value was taken. A value that was taken is never
  ///   reported as cancelled. Rings are found among routines; one that goes through a child task of theirs is not.
  @discardableResult
  @inlinable public func send(_ value: Input) async throws -> Output? { try await rendezvous.exchange(.value(value)) }

  /// Resumes the body without a value, and returns what it yields next: how the first value is asked for.
  ///
  /// A body that waits to be sent a value is not resumed by it; it does no harm there.
  ///
  /// - Returns: nil at the end, and when the body waits for a value.
  /// - Throws: as ``send(_:)``, but nothing when the body had ended.
  @inlinable public func next() async throws -> Output? { try await rendezvous.exchange(.resume) }

  /// Raises `error` in the body where it waits. The body may catch it and go on.
  ///
  /// - Returns: what the body yields next, or nil.
  /// - Throws: as ``send(_:)``; so `error` itself where the body does not catch it.
  @discardableResult
  @inlinable public func `throw`(_ error: any Error) async throws -> Output? {
    try await rendezvous.exchange(.error(error))
  }

  /// Ends the body: its `next()` gives nil after what was sent before, its `yield` throws ``CoroutineExit``, its
  /// cleanup runs, and `close` returns when the body has, whether or not the caller is cancelled meanwhile. Closing
  /// twice is closing once.
  ///
  /// - Returns: what the body returned; nil where the exit unwound it.
  /// - Throws: the error that ended the body; ``CoroutineError/yieldedWhileClosing(name:)`` where it yields once more.
  @discardableResult
  public func close() async throws -> Return? {
    try await rendezvous.close()
    guard case .success(let value)? = routine.result else { return nil }
    return value
  }

  /// What the body returned, awaited: any number of tasks may wait for it.
  ///
  /// - Throws: what the body threw; ``CoroutineExit`` where it was closed in a yield.
  public var value: Return { get async throws { try await routine.value } }

  /// Tells the body to end at its next suspension, whatever it was sent.
  public func cancel() {
    rendezvous.scheduler.call { [rendezvous] in rendezvous.isClosing = true }
    routine.cancel()
  }

  /// Calls `callback` once with the outcome: when the body ends, or at once if it has.
  public func whenDone(_ callback: @escaping @Sendable (Result<Return, any Error>) -> Void) {
    routine.whenDone(callback)
  }

  /// Whether the body has returned or thrown.
  public var hasEnded: Bool { routine.result != nil }

  /// What it does now, and whether it was cancelled.
  public var status: RoutineStatus { routine.status }
}

/// A coroutine that takes values and gives none back: the end of a pipeline.
public typealias Consumer<Input: Sendable> = Coroutine<Input, Never, Void>
