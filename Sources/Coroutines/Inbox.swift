import DequeModule
import Synchronization

/// What a coroutine's body iterates: the values that it is sent, until it is closed.
///
/// One consumer, any number of senders, any thread. Asking for the next value is what lets the
/// sender of the last one go on.
public final class Inbox<Value: Sendable>: AsyncSequence, AsyncIteratorProtocol, Sendable {
  public typealias Element = Value
  typealias Letter = Result<Value, any Error>

  private let name: String
  private let line: Mutex<InboxLine<Value>>

  init(name: String) {
    self.name = name
    line = Mutex(InboxLine(name: name))
  }

  public func makeAsyncIterator() -> Inbox<Value> { self }

  /// The next value; nil when the coroutine was closed.
  ///
  /// - Throws: what a sender threw in with `throw(_:)`; `CancellationError` when the body's task is cancelled.
  public func next() async throws -> Value? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { body in
        act(on: line.withLock { Task.isCancelled ? $0.refuse(body) : $0.ask(body) })
      }
    } onCancel: {
      act(on: line.withLock { $0.cancelBody() })
    }
  }

  /// Raises `error` in the body if it waits for a value now: how what a body watches besides its inbox ends it.
  ///
  /// - Returns: false if the body does not wait; then nothing happens.
  @discardableResult
  public func interrupt(with error: any Error) -> Bool {
    let steps = line.withLock { $0.interruptBody(with: error) }
    act(on: steps)
    return steps.deliver != nil
  }

  func send(_ letter: Letter) async throws {
    let ticket = line.withLock { $0.drawTicket() }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { sender in
        act(on: line.withLock { Task.isCancelled ? $0.refuse(sender) : $0.post(letter, from: sender, ticket: ticket) })
      }
    } onCancel: {
      act(on: line.withLock { $0.withdraw(ticket: ticket) })
    }
  }

  func close() { act(on: line.withLock { $0.close() }) }

  func finish(_ error: (any Error)?) { act(on: line.withLock { $0.finish(error) }) }

  /// Resumes outside the lock whom the line decided to resume.
  private func act(on steps: InboxLine<Value>.Steps) {
    for sender in steps.release { sender.resume() }
    for (sender, error) in steps.fail { sender.resume(throwing: error) }
    steps.deliver?()
  }
}

/// The line before an inbox: who sent what, whose value the body has, whether the body waits.
///
/// A value that decides; `Inbox` acts.
struct InboxLine<Value: Sendable> {
  typealias Letter = Result<Value, any Error>
  typealias Sender = CheckedContinuation<Void, any Error>
  typealias Body = CheckedContinuation<Value?, any Error>

  struct Steps {
    var release: [Sender] = []
    var fail: [(Sender, any Error)] = []
    var deliver: (() -> Void)?
  }

  private struct Waiting {
    let ticket: UInt64
    let letter: Letter
    let sender: Sender
  }

  private let name: String
  private var waiting = Deque<Waiting>()
  /// The sender whose value the body works on.
  private var served: Sender?
  private var body: Body?
  private var isClosed = false
  private var ended: (any Error)??
  private var lastTicket: UInt64 = 0

  init(name: String) { self.name = name }

  mutating func drawTicket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  /// The body asks for more: its last sender goes on, the next in line is served.
  mutating func ask(_ asking: Body) -> Steps {
    var steps = Steps()
    if let served = served.take() { steps.release.append(served) }
    if let next = waiting.popFirst() {
      served = next.sender
      steps.deliver = { asking.resume(with: next.letter.map(Optional.some)) }
    } else if isClosed {
      steps.deliver = { asking.resume(returning: nil) }
    } else {
      precondition(body == nil, "two tasks iterate the inbox of \(name)")
      body = asking
    }
    return steps
  }

  mutating func refuse(_ asking: Body) -> Steps {
    Steps(deliver: { asking.resume(throwing: CancellationError()) })
  }

  mutating func refuse(_ sender: Sender) -> Steps {
    Steps(fail: [(sender, CancellationError())])
  }

  mutating func post(_ letter: Letter, from sender: Sender, ticket: UInt64) -> Steps {
    if let ended { return Steps(fail: [(sender, ended ?? CoroutineError.ended(name: name))]) }
    if isClosed { return Steps(fail: [(sender, CoroutineError.ended(name: name))]) }
    guard let asking = body.take() else {
      waiting.append(Waiting(ticket: ticket, letter: letter, sender: sender))
      return Steps()
    }
    served = sender
    return Steps(deliver: { asking.resume(with: letter.map(Optional.some)) })
  }

  /// A sender was cancelled: what is still in line was not taken.
  mutating func withdraw(ticket: UInt64) -> Steps {
    guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return Steps() }
    return Steps(fail: [(waiting.remove(at: index).sender, CancellationError())])
  }

  mutating func cancelBody() -> Steps { interruptBody(with: CancellationError()) }

  mutating func interruptBody(with error: any Error) -> Steps {
    guard let asking = body.take() else { return Steps() }
    return Steps(deliver: { asking.resume(throwing: error) })
  }

  mutating func close() -> Steps {
    isClosed = true
    guard let asking = body.take() else { return Steps() }
    return Steps(deliver: { asking.resume(returning: nil) })
  }

  /// The body returned or threw: whoever it served is told how, whoever waits was not taken.
  mutating func finish(_ error: (any Error)?) -> Steps {
    ended = .some(error)
    var steps = Steps()
    if let served = served.take() {
      if let error { steps.fail.append((served, error)) } else { steps.release.append(served) }
    }
    steps.fail += waiting.map { ($0.sender, error ?? CoroutineError.ended(name: name)) }
    waiting.removeAll()
    return steps
  }
}

extension Optional {
  /// Takes the value out and leaves nil.
  mutating func take() -> Wrapped? {
    defer { self = nil }
    return self
  }
}
