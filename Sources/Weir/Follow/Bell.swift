import Coroutines
import Synchronization

/// Wakes the one who waits; a ring that nobody waited for is remembered once.
final class Bell: Sendable {
  private struct State {
    var isRung = false
    var waiter: CheckedContinuation<Void, any Error>?
  }
  private let state = Mutex(State())

  /// Any thread may ring, any number of times.
  ///
  /// - Returns: whether someone waited.
  @discardableResult
  func ring() -> Bool {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.waiter == nil { state.isRung = true }
      return state.waiter
    }
    waiter?.resume()
    return waiter != nil
  }

  /// Returns at the next ring, or at once if it has rung since the last wait.
  ///
  /// - Throws: `CancellationError`.
  func wait() async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiter: CheckedContinuation<Void, any Error>) in
        let outcome = state.withLock { state -> Result<Void, any Error>? in
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.isRung {
            state.isRung = false
            return .success(())
          }
          precondition(state.waiter == nil, "two wait for one bell")
          state.waiter = waiter
          return nil
        }
        if let outcome { waiter.resume(with: outcome) }
      }
    } onCancel: {
      state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }?.resume(throwing: CancellationError())
    }
  }

  /// As ``wait()``, and returns after `limit` at the latest.
  func wait(atMost limit: Duration, on scheduler: Scheduler) async throws {
    let alarm = scheduler.spawn(name: "alarm") { [self] in
      try await scheduler.sleep(for: limit)
      ring()
    }
    defer { alarm.cancel() }
    try await wait()
  }
}
