import Synchronization

/// Why a coroutine did not take a value.
public enum CoroutineError: Error, Equatable, CustomStringConvertible {
  /// Its body has returned, or it was closed.
  case ended(name: String)

  public var description: String {
    switch self {
    case .ended(let name): "coroutine \(name) has ended"
    }
  }
}

/// A body that is sent values: `for try await value in inbox { ... }`.
///
/// ``send(_:)`` returns when the body asks for more, so a slow body slows its sender and nothing
/// is buffered. Several senders wait in line. The body runs on the scheduler that started it and is ready
/// for its first value without priming. Any task on any thread may send.
public final class Coroutine<Value: Sendable>: Sendable {
  /// What it was started as.
  public let name: String
  private let inbox: Inbox<Value>
  private let routine: Routine<Void>

  /// Starts `body` on `scheduler`.
  public init(
    name: String, on scheduler: Scheduler,
    body: @escaping @Sendable (Inbox<Value>) async throws -> Void
  ) {
    self.name = name
    let inbox = Inbox<Value>(name: name)
    self.inbox = inbox
    routine = scheduler.spawn(name: name) {
      do {
        try await body(inbox)
        inbox.finish(nil)
      } catch {
        inbox.finish(error)
        throw error
      }
    }
  }

  /// Hands `value` to the body and returns when the body asks for the next one, or returns.
  ///
  /// - Throws: what the body threw while it had the value; ``CoroutineError/ended(name:)`` or the error that
  ///   ended the body, if it had ended before; `CancellationError` if the sender was cancelled before the
  ///   value was taken. A value that was taken is never reported as cancelled.
  public func send(_ value: Value) async throws { try await inbox.send(.success(value)) }

  /// Raises `error` in the body where it waits for a value. The body may catch it and go on.
  ///
  /// - Throws: as ``send(_:)``; so `error` itself where the body does not catch it.
  public func `throw`(_ error: any Error) async throws { try await inbox.send(.failure(error)) }

  /// Ends the input: the body's loop ends after what was sent before, its cleanup runs, and `close` returns when
  /// the body has. Closing twice is closing once.
  ///
  /// - Throws: the error that ended the body.
  public func close() async throws {
    inbox.close()
    try await routine.value
  }

  /// Tells the body to end at its next suspension, whatever it was sent.
  public func cancel() {
    inbox.close()
    routine.cancel()
  }

  /// Calls `callback` once with the outcome: when the body ends, or at once if it has.
  public func whenDone(_ callback: @escaping @Sendable (Result<Void, any Error>) -> Void) {
    routine.whenDone(callback)
  }

  /// Whether the body has returned or thrown.
  public var hasEnded: Bool { routine.result != nil }
}
