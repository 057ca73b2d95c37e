import DequeModule

/// A queue between coroutines that holds so many elements and no more.
///
/// ```swift
/// let lines = Channel<Line>(name: "lines", on: scheduler, capacity: 64)
/// try await lines.send(line)          // waits where the channel is full
/// for try await line in lines { ... } // until it is finished
/// ```
///
/// Each element goes to one receiver; receivers and waiting senders are served in the order in which they came. Any
/// task on any thread may send and receive.
public final class Channel<Element: Sendable>: AsyncSequence, @unchecked Sendable {
  /// What happens to an element that finds the channel full.
  public enum Overflow: Sendable {
    /// Its sender waits.
    case wait
    /// The element that has waited longest is dropped for it.
    case dropOldest
    /// It is dropped.
    case dropNewest
  }

  /// What became of an element at once.
  @usableFromInline enum Posted {
    case done
    case dropped
    case pending(Waiter<Void>)
  }

  /// What errors call it.
  public let name: String
  /// How many elements it holds, at most.
  public let capacity: Int
  /// What happens where it is full.
  public let overflow: Overflow
  @usableFromInline let scheduler: Scheduler

  // Owner: the scheduler's thread.
  @usableFromInline @exclusivity(unchecked) var buffer = Deque<Element>()
  @usableFromInline @exclusivity(unchecked) var senders = WaitingLine<Element, Void>()
  @usableFromInline @exclusivity(unchecked) var receivers = WaitingLine<Void, Element?>()
  @usableFromInline @exclusivity(unchecked) var isFinished = false
  @usableFromInline @exclusivity(unchecked) var failure: (any Error)?
  @usableFromInline @exclusivity(unchecked) var dropped = 0

  /// - Parameters:
  ///   - name: what errors call it.
  ///   - scheduler: where it lives; tasks from elsewhere come there to send and receive.
  ///   - capacity: 0 hands each element from sender to receiver; then only ``Overflow/wait`` makes sense.
  ///   - overflow: what happens to an element that finds it full.
  public init(name: String = "channel", on scheduler: Scheduler, capacity: Int, overflow: Overflow = .wait) {
    precondition(capacity > 0 || capacity == 0 && overflow == .wait, "a channel that drops has room for one at least")
    self.name = name
    self.capacity = capacity
    self.overflow = overflow
    self.scheduler = scheduler
  }

  /// Puts `element` into the channel, and waits for room where it has to.
  ///
  /// An element that the channel drops counts in ``droppedCount``, and is no error. No ring of those who wait for each
  /// other is found through a channel: it does not know who will receive.
  ///
  /// - Throws: ``CoroutineError/ended(name:)`` where the channel is or is being finished, `CancellationError` where the
  ///   sender was cancelled while it waited, or before. The element was not taken then.
  @inlinable public func send(_ element: Element) async throws {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.send(element) } }
    try Task.checkCancellation()
    if case .pending(let waiter) = try post(element) { try await waiter.value(.sending) }
  }

  /// Puts `element` into the channel without waiting. On the scheduler's thread only.
  ///
  /// - Returns: whether it was taken: not where the channel is full and its senders wait or the newest is dropped, nor
  ///   where it is finished.
  @discardableResult
  @inlinable public func offer(_ element: Element) -> Bool {
    scheduler.checkIsolated()
    if isFinished || overflow == .wait && receivers.isEmpty && buffer.count >= capacity { return false }
    do { return if case .done = try post(element) { true } else { false } } catch { return false }
  }

  /// The next element; nil when the channel is finished and empty.
  ///
  /// - Throws: what it was finished with, once it is empty; `CancellationError`, and no element is lost by it.
  @inlinable public func next() async throws -> Element? {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.next() } }
    if let element = takeFirst() { return element }
    try Task.checkCancellation()
    if isFinished { return try end() }
    let receiver = Waiter<Element?>(scheduler: scheduler)
    receiver.withdraw = { [unowned self, unowned receiver] in
      receiver.answer(.failure(CancellationError()))
      receivers.noteGap()
    }
    receivers.append((), receiver)
    return try await receiver.value(.receiving)
  }

  /// Lets nothing more in. What is in the channel is still received; senders that wait are told that theirs was not
  /// taken.
  ///
  /// - Parameter error: what receivers get at the end instead of nil. Only the first call counts. Any thread may call
  ///   it.
  public func finish(throwing error: (any Error)? = nil) {
    scheduler.call { [self] in
      guard !isFinished else { return }
      isFinished = true
      failure = error
      while let (_, waiter) = senders.popFirst() { waiter.answer(.failure(CoroutineError.ended(name: name))) }
      while let (_, receiver) = receivers.popFirst() { receiver.answer(Result { try end() }) }
    }
  }

  /// How many elements were dropped.
  public var droppedCount: Int {
    get async throws {
      guard scheduler.isOnThread else { return try await scheduler.visit { self.dropped } }
      return dropped
    }
  }

  /// How many elements are in it. On the scheduler's thread only.
  public var count: Int {
    scheduler.checkIsolated()
    return buffer.count
  }

  /// Puts `element` where it belongs. On the scheduler's thread only.
  @inlinable func post(_ element: Element) throws -> Posted {
    if isFinished { throw CoroutineError.ended(name: name) }
    if let (_, receiver) = receivers.popFirst() {
      receiver.answer(.success(element))
      return .done
    }
    if buffer.count < capacity {
      buffer.append(element)
      return .done
    }
    if overflow == .wait { return .pending(lineUp(element)) }
    dropped += 1
    if overflow == .dropOldest {
      buffer.removeFirst()
      buffer.append(element)
    }
    return overflow == .dropOldest ? .done : .dropped
  }

  var droppedHere: Int { dropped }

  @usableFromInline func lineUp(_ element: Element) -> Waiter<Void> {
    let waiter = Waiter<Void>(scheduler: scheduler)
    waiter.withdraw = { [unowned self, unowned waiter] in
      waiter.answer(.failure(CancellationError()))
      senders.noteGap()
    }
    senders.append(element, waiter)
    return waiter
  }

  /// The first element, and room for the first who waits.
  @inlinable func takeFirst() -> Element? {
    let first = buffer.popFirst()
    guard first == nil || buffer.count < capacity, let (element, waiter) = senders.popFirst() else { return first }
    waiter.answer(.success(()))
    if first == nil { return element }
    buffer.append(element)
    return first
  }

  @usableFromInline func end() throws -> Element? {
    if let failure { throw failure }
    return nil
  }
}

extension Channel {
  /// Receives from the channel; several iterators share its elements.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let channel: Channel

    @inlinable init(channel: Channel) { self.channel = channel }

    /// See ``Channel/next()``.
    @inlinable public mutating func next() async throws -> Element? { try await channel.next() }

    /// See ``Exchange/next(isolation:)``.
    @inlinable public mutating func next(isolation actor: (any Actor)?) async throws(any Error) -> Element? {
      try await channel.next()
    }
  }

  /// Receives what no other iterator has.
  @inlinable public func makeAsyncIterator() -> Iterator { Iterator(channel: self) }
}
