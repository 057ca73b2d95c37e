/// The routines that have not ended. Any thread may ask.
final class RoutineTable: Sendable {
  private struct State {
    var lastID = 0
    var cores: [Int: RoutineCore] = [:]
  }
  private let state = Locked(State())

  func add(name: String, on scheduler: Scheduler) -> RoutineCore {
    state.withLock { state in
      state.lastID += 1
      let core = RoutineCore(id: state.lastID, name: name, scheduler: scheduler)
      state.cores[core.id] = core
      return core
    }
  }

  func remove(_ core: RoutineCore) { state.withLock { _ = $0.cores.removeValue(forKey: core.id) } }

  /// In order of start.
  var cores: [RoutineCore] { state.withLock { $0.cores.values.sorted { $0.id < $1.id } } }

  var isEmpty: Bool { state.withLock { $0.cores.isEmpty } }
}
