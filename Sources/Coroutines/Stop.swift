/// What became of routines that were told to end.
public struct StopReport: Sendable {
  /// Those that ended, in the order in which they did.
  public var exits: [RoutineExit] = []
  /// Those that did not end in time, and were cancelled: what they did then, in order of start.
  public var remaining: [RoutineStatus] = []
}

extension Scheduler {
  /// Ends every routine but the caller's, in reverse order of start: who was started later may use who was there
  /// before.
  ///
  /// Each is told to end and waited for, before the next is: a coroutine is closed, so that it takes what was sent
  /// before, and any other routine is cancelled.
  ///
  /// - Parameter limit: how long all of that may take; whoever is left then is cancelled and not waited for.
  /// - Throws: `CancellationError` when the caller is cancelled; the rest was not told then.
  public func stop(within limit: Duration? = nil) async throws -> StopReport {
    try await stop(routineTable.cores, within: limit)
  }

  func stop(_ cores: [RoutineCore], within limit: Duration?) async throws -> StopReport {
    guard isOnThread else { return try await visit { try await self.stop(cores, within: limit) } }
    let caller = currentRoutine
    let deadline = limit.map { clock.now + $0 }
    var rest = cores.filter { $0 !== caller }
    var report = StopReport()
    while let core = rest.last {
      core.tellToEnd()
      guard let exit = try await core.exit(by: deadline) else { break }
      report.exits.append(exit)
      rest.removeLast()
    }
    for core in rest { core.cancel() }
    report.remaining = rest.filter { $0.exit == nil }.map(\.status)
    return report
  }
}
