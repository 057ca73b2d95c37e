extension Scheduler {
  /// Suspends the caller for `duration`, at the least.
  ///
  /// - Throws: `CancellationError` at once when the caller's task is cancelled.
  public func sleep(for duration: Duration) async throws { try await sleep(until: clock.now + duration) }

  /// Suspends the caller until `deadline`, by ``clock``.
  ///
  /// - Throws: as ``sleep(for:)``.
  public func sleep(until deadline: Duration) async throws {
    guard isOnThread else { return try await visit { try await self.sleep(until: deadline) } }
    let sleeper = Waiter<Void>(scheduler: self)
    let ticket = turn.deadlines.add(at: deadline) { sleeper.answer(.success(())) }
    sleeper.withdraw = { [self, unowned sleeper] in
      turn.deadlines.cancel(ticket)
      sleeper.answer(.failure(CancellationError()))
    }
    try await sleeper.value(.sleeping)
  }

  /// Suspends the caller until `descriptor` can be read without blocking, or has ended.
  ///
  /// Regular files are always readable. One waiter a descriptor at a time; the descriptor stays
  /// open while someone waits for it.
  ///
  /// - Throws: `CancellationError`; ``SystemError`` where epoll does not take the descriptor.
  public func readable(_ descriptor: Int32) async throws {
    guard isOnThread else { return try await visit { try await self.readable(descriptor) } }
    let reader = Waiter<Void>(scheduler: self)
    reader.withdraw = { [poller, unowned reader] in
      poller.forget(descriptor)
      reader.answer(.failure(CancellationError()))
    }
    poller.watch(descriptor) { reader.answer($0) }
    try await reader.value(.polling)
  }
}
