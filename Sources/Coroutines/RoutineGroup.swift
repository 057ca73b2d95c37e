/// Routines that belong together: awaited, cancelled and stopped as one.
///
/// A routine that has ended is forgotten. Any thread may use it.
public final class RoutineGroup: Sendable {
  private let scheduler: Scheduler
  private let members = Locked<[Int: RoutineCore]>([:])

  /// Its routines run on `scheduler`.
  public init(on scheduler: Scheduler) { self.scheduler = scheduler }

  /// Starts `body` as a routine of this group.
  @discardableResult
  public func spawn<Value: Sendable>(
    name: String, _ body: @escaping @Sendable () async throws -> Value
  ) -> Routine<Value> {
    let routine = scheduler.spawn(name: name, body)
    members.withLock { $0[routine.id] = routine.core }
    routine.whenDone { [weak self, id = routine.id] _ in self?.members.withLock { _ = $0.removeValue(forKey: id) } }
    return routine
  }

  /// The routines that have not ended, in order of start.
  public var routines: [RoutineStatus] { cores.map(\.status) }

  private var cores: [RoutineCore] { members.withLock { $0.values.sorted { $0.id < $1.id } } }

  /// Waits until no routine is left, also of those that are started meanwhile. How each ended is its own matter.
  ///
  /// - Throws: ``CoroutineError/cycle(_:)`` where a routine waits for the caller.
  public func join() async throws {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.join() } }
    while let core = cores.first { _ = try await core.exit(by: nil) }
  }

  /// Cancels every routine.
  public func cancel() { for core in cores { core.cancel() } }

  /// Ends every routine in an orderly way; see ``Scheduler/stop(within:)``.
  public func stop(within limit: Duration? = nil) async throws -> StopReport {
    try await scheduler.stop(cores, within: limit)
  }
}
