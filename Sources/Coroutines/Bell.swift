/// Wakes the one who waits; rings that nobody waited for are remembered as one.
///
/// What tells a routine that there is something to look at, when it does not matter how often it was told.
public final class Bell: @unchecked Sendable {
  /// What ended a wait.
  public enum Cause: Sendable {
    /// The bell.
    case ring
    /// The limit.
    case timeOver
    /// The descriptor that was watched meanwhile.
    case readable
    /// ``Bell/dismiss()``.
    case dismissal
  }

  private let scheduler: Scheduler
  // Owner: the scheduler's thread.
  private var isRung = false
  private var waiter: Waiter<Cause>?
  private var call: (@Sendable () -> Void)?

  /// Whoever waits does so on `scheduler`.
  public init(on scheduler: Scheduler) { self.scheduler = scheduler }

  /// Whether someone waits now, or is to be called. On the scheduler's thread only.
  public var isAwaited: Bool {
    scheduler.checkIsolated()
    return waiter != nil || call != nil
  }

  /// Any thread may ring, any number of times.
  public func ring() {
    scheduler.call { [self] in
      if let waiter { return end(waiter, .success(.ring)) }
      guard let call = call.take() else { return isRung = true }
      call()
    }
  }

  /// Ends the wait of the one who waits, as of one who need not be there for the next ring. A ring that comes later is
  /// remembered. On the scheduler's thread only.
  ///
  /// - Returns: whether someone waited.
  @discardableResult
  public func dismiss() -> Bool {
    scheduler.checkIsolated()
    guard let waiter else { return false }
    end(waiter, .success(.dismissal))
    return true
  }

  /// Calls `body` once, on the scheduler's thread: at the next ring, or at once if it has rung since the last wait. A
  /// task that waits takes kilobytes; this takes some ten bytes. On the scheduler's thread only; nobody waits then.
  public func whenRung(_ body: @escaping @Sendable () -> Void) {
    scheduler.checkIsolated()
    precondition(!isAwaited, "two wait for one bell")
    if isRung {
      isRung = false
      return body()
    }
    call = body
  }

  /// Returns at the next ring, or at once if it has rung since the last wait. One waits at a time.
  ///
  /// - Parameters:
  ///   - limit: how long it waits at most.
  ///   - descriptor: one that ends the wait too when it can be read; open until then, and watched by nobody else.
  /// - Throws: `CancellationError`; ``SystemError`` where epoll does not take the descriptor.
  @discardableResult
  public func wait(atMost limit: Duration? = nil, orReadable descriptor: Int32? = nil) async throws -> Cause {
    guard scheduler.isOnThread else {
      return try await scheduler.visit { try await self.wait(atMost: limit, orReadable: descriptor) }
    }
    try Task.checkCancellation()
    if isRung {
      isRung = false
      return .ring
    }
    precondition(!isAwaited, "two wait for one bell")
    let waiter = Waiter<Cause>(scheduler: scheduler)
    self.waiter = waiter
    waiter.withdraw = { [unowned self, unowned waiter] in end(waiter, .failure(CancellationError())) }
    let ticket = limit.map { limit in
      scheduler.turn.deadlines.add(at: scheduler.clock.now + limit) { [unowned self] in
        end(waiter, .success(.timeOver))
      }
    }
    if let descriptor {
      scheduler.poller.watch(descriptor) { [unowned self] in end(waiter, $0.map { .readable }) }
    }
    defer {
      if let ticket { scheduler.turn.deadlines.cancel(ticket) }
      if let descriptor { scheduler.poller.forget(descriptor) }
    }
    return try await waiter.value(.waiting)
  }

  /// Ends this wait, and not one that came after it.
  private func end(_ waiter: Waiter<Cause>, _ result: Result<Cause, any Error>) {
    if self.waiter === waiter { self.waiter = nil }
    waiter.answer(result)
  }
}
