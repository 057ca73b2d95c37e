/// What a coroutine's body holds: it takes what is sent, and yields what is given back.
///
/// `for try await value in exchange` takes values until the coroutine is closed. To ask for the next value is what
/// lets the sender of the last one go on.
///
/// For the body's own use: one task takes at a time.
public struct Exchange<Input: Sendable, Output: Sendable>: AsyncSequence, AsyncIteratorProtocol, Sendable {
  /// What is sent.
  public typealias Element = Input

  @usableFromInline let rendezvous: Rendezvous<Input, Output>

  init(_ rendezvous: Rendezvous<Input, Output>) { self.rendezvous = rendezvous }

  /// Itself: a loop takes on where the last one stopped.
  @inlinable public func makeAsyncIterator() -> Exchange { self }

  /// The next value that is sent; nil when the coroutine was closed.
  ///
  /// - Throws: what a sender threw in with `throw(_:)`; `CancellationError` when the body's task is cancelled.
  @inlinable @inline(__always) public func next() async throws -> Input? { try await rendezvous.ask() }

  /// Takes what stands in line beside the value that the body works on, without waiting, so that it is worked on in
  /// one go: who sent it goes on when the next value is asked for, as the sender of that one does.
  ///
  /// - Parameters:
  ///   - maxCount: so many values at most.
  ///   - isWanted: what it refuses stays in line, and may come after what stood behind it.
  /// - Returns: nothing in a task that is not the body's own, and where the body works on nothing.
  public func takeWaiting(atMost maxCount: Int, where isWanted: (Input) -> Bool = { _ in true }) -> [Input] {
    rendezvous.takeWaiting(atMost: maxCount, where: isWanted)
  }

  /// What a `for try await` calls. It is where its caller is; were the parameter `isolated`, each value would cost two
  /// more looks at the task's executor, a quarter of a send.
  @inlinable @inline(__always) public func next(isolation actor: (any Actor)?) async throws(any Error) -> Input? {
    try await rendezvous.ask()
  }

  /// Gives `output` to whoever resumed the body, and waits to be resumed.
  ///
  /// - Returns: what the body was sent; nil when it was resumed by `next()`, without a value.
  /// - Throws: as ``next()``; ``CoroutineExit`` when the coroutine was closed.
  @discardableResult
  @inlinable @inline(__always) public func yield(_ output: Output) async throws -> Input? {
    try await rendezvous.yield(output)
  }

  /// Lets `other` answer in this body's place until it ends: what it yields is given to whoever resumed this body, what
  /// that one sends and throws goes to `other`. Python's `yield from`.
  ///
  /// Each value goes through this body; where the way is long, a ``Generator`` delegates at the same cost at any depth.
  ///
  /// - Returns: what `other` returns.
  /// - Throws: what `other` throws; ``CoroutineExit`` when this coroutine was closed, after `other` was;
  ///   `CancellationError` when it was cancelled, and so was `other`.
  public func yield<Return: Sendable>(from other: Coroutine<Input, Output, Return>) async throws -> Return {
    var output = try await other.next()
    while !other.hasEnded {
      let sent: Input?
      do {
        sent = if let output { try await yield(output) } else { try await next() }
        if output == nil, sent == nil { throw CoroutineExit() }
      } catch let exit as CoroutineExit {
        try await other.close()
        throw exit
      } catch {
        if Task.isCancelled { other.cancel() }
        if Task.isCancelled || other.hasEnded { throw error }
        output = try await other.throw(error)
        continue
      }
      output = if let sent { try await other.send(sent) } else { try await other.next() }
    }
    return try await other.value
  }

  /// Raises `error` in the body if it waits now: how what a body watches besides its values ends it.
  ///
  /// Any thread may call it; nothing happens if the body does not wait when its scheduler comes to it.
  public func interrupt(with error: any Error) {
    rendezvous.scheduler.call { [rendezvous] in rendezvous.raise(error) }
  }
}

/// What the body of a ``Consumer`` iterates.
public typealias Inbox<Input: Sendable> = Exchange<Input, Never>
