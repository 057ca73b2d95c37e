import Synchronization

/// What can be said of a routine at any time.
public struct RoutineStatus: Sendable, Equatable {
  /// 1, 2, 3, ... in order of start.
  public let id: Int
  /// What it was spawned as.
  public let name: String
  /// Whether it was told to end and has not ended yet.
  public let isCancelled: Bool
}

/// One scheduled task with an id and a name. Its end, error or cancellation is its own and nobody else's.
public final class Routine<Value: Sendable>: Sendable {
  private enum Phase {
    case running(callbacks: [@Sendable (Result<Value, any Error>) -> Void])
    case ended(Result<Value, any Error>)
  }

  /// 1, 2, 3, ... in order of start.
  public let id: Int
  /// What it was spawned as.
  public let name: String
  private let phase = Mutex(Phase.running(callbacks: []))
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(id: Int, name: String) {
    self.id = id
    self.name = name
  }

  /// What the body returned or threw, awaited.
  public var value: Value {
    get async throws {
      await task.withLock { $0 }?.value
      guard let result else { throw CancellationError() }
      return try result.get()
    }
  }

  /// How the body ended, awaited: for who does not mind an error.
  public var outcome: Result<Value, any Error> {
    get async {
      do { return .success(try await value) } catch { return .failure(error) }
    }
  }

  /// What the body returned or threw; nil while it runs.
  public var result: Result<Value, any Error>? {
    phase.withLock { if case .ended(let result) = $0 { result } else { nil } }
  }

  /// Asks the body to end: what it awaits throws `CancellationError`.
  public func cancel() { task.withLock { $0 }?.cancel() }

  /// Calls `callback` once with the outcome: when the body ends, or at once if it has.
  public func whenDone(_ callback: @escaping @Sendable (Result<Value, any Error>) -> Void) {
    let ended = phase.withLock { phase -> Result<Value, any Error>? in
      switch phase {
      case .ended(let result): return result
      case .running(let callbacks):
        phase = .running(callbacks: callbacks + [callback])
        return nil
      }
    }
    if let ended { callback(ended) }
  }

  func start(_ task: Task<Void, Never>) { self.task.withLock { $0 = task } }

  func end(_ result: Result<Value, any Error>) {
    let callbacks = phase.withLock { phase in
      defer { phase = .ended(result) }
      if case .running(let callbacks) = phase { return callbacks }
      return []
    }
    for callback in callbacks { callback(result) }
  }
}

/// The routines that have not ended.
final class RoutineTable: Sendable {
  private struct Entry {
    let name: String
    let isCancelled: @Sendable () -> Bool
  }
  private struct State {
    var lastID = 0
    var entries: [Int: Entry] = [:]
  }
  private let state = Mutex(State())

  func nextID() -> Int {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  func add(id: Int, name: String, isCancelled: @escaping @Sendable () -> Bool) {
    state.withLock { $0.entries[id] = Entry(name: name, isCancelled: isCancelled) }
  }

  func remove(id: Int) { state.withLock { _ = $0.entries.removeValue(forKey: id) } }

  var statuses: [RoutineStatus] {
    state.withLock { state in
      state.entries.sorted { $0.key < $1.key }.map { id, entry in
        RoutineStatus(id: id, name: entry.name, isCancelled: entry.isCancelled())
      }
    }
  }
}

extension Scheduler {
  /// Starts `body` as a routine on this scheduler. It begins at a later turn, never within this call.
  @discardableResult
  public func spawn<Value: Sendable>(
    name: String, _ body: @escaping @Sendable () async throws -> Value
  ) -> Routine<Value> {
    let routine = Routine<Value>(id: routineTable.nextID(), name: name)
    let table = routineTable
    let home = Home(scheduler: self)
    let task = Task(name: name, executorPreference: self) {
      let result = await home.run(body)
      table.remove(id: routine.id)
      routine.end(result)
    }
    routine.start(task)
    table.add(id: routine.id, name: name, isCancelled: { task.isCancelled })
    return routine
  }

  /// The routines that have not ended, in order of start.
  public var routines: [RoutineStatus] { routineTable.statuses }
}

/// Where a routine's body is isolated: an actor on the scheduler. So a body, what it awaits, and the actors on the same
/// scheduler all have one executor, and no call between them goes through the ready queue.
private actor Home {
  nonisolated let scheduler: Scheduler
  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  init(scheduler: Scheduler) { self.scheduler = scheduler }

  func run<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async -> Result<Value, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }
}
