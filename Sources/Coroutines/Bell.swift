/// Wakes the one who waits; rings that nobody waited for are remembered as one.
///
/// What tells a routine that there is something to look at, when it does not matter how often it was told.
public final class Bell: @unchecked Sendable {
  private let scheduler: Scheduler
  // Owner: the scheduler's thread.
  private var isRung = false
  private var waiter: Waiter<Bool>?

  /// Whoever waits does so on `scheduler`.
  public init(on scheduler: Scheduler) { self.scheduler = scheduler }

  /// Whether someone waits now. On the scheduler's thread only.
  public var isAwaited: Bool {
    scheduler.checkIsolated()
    return waiter != nil
  }

  /// Any thread may ring, any number of times.
  public func ring() {
    scheduler.call { [self] in
      if let waiter = waiter.take() { waiter.answer(.success(true)) } else { isRung = true }
    }
  }

  /// Returns at the next ring, or at once if it has rung since the last wait. One waits at a time.
  ///
  /// - Throws: `CancellationError`.
  public func wait() async throws { _ = try await wait(until: nil) }

  /// As ``wait()``, and returns after `limit` at the latest.
  ///
  /// - Returns: false when the time was over.
  @discardableResult
  public func wait(atMost limit: Duration) async throws -> Bool {
    try await wait(until: scheduler.clock.now + limit)
  }

  private func wait(until deadline: Duration?) async throws -> Bool {
    guard scheduler.isOnThread else {
      return try await scheduler.home.perform { try await self.wait(until: deadline) }
    }
    try Task.checkCancellation()
    if isRung {
      isRung = false
      return true
    }
    precondition(waiter == nil, "two wait for one bell")
    let waiter = Waiter<Bool>(scheduler: scheduler)
    self.waiter = waiter
    waiter.withdraw = { [unowned self] in self.waiter.take()?.answer(.failure(CancellationError())) }
    let ticket = deadline.map { deadline in
      scheduler.turn.deadlines.add(at: deadline) { [unowned self] in self.waiter.take()?.answer(.success(false)) }
    }
    defer { if let ticket { scheduler.turn.deadlines.cancel(ticket) } }
    return try await waiter.value(.waiting)
  }
}
