/// The routines that have not ended. Any thread may ask.
final class RoutineTable: Sendable {
  private struct State {
    var lastID = 0
    var cores: [Int: RoutineCore] = [:]
  }
  private let state = Locked(State())

  /// One that is not in the table yet: others are to see it when it is complete.
  func make(name: String, on scheduler: Scheduler) -> RoutineCore {
    state.withLock { state in
      state.lastID += 1
      return RoutineCore(id: state.lastID, name: name, scheduler: scheduler)
    }
  }

  func add(_ core: RoutineCore) { state.withLock { $0.cores[core.id] = core } }

  func remove(_ core: RoutineCore) { state.withLock { _ = $0.cores.removeValue(forKey: core.id) } }

  /// In order of start.
  var cores: [RoutineCore] { state.withLock { $0.cores.values.sorted { $0.id < $1.id } } }

  var isEmpty: Bool { state.withLock { $0.cores.isEmpty } }
}
