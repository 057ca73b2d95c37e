import Synchronization

/// What the agent's own log says, and how. A reload changes it for all who log already.
final class LogChoice: Sendable {
  private let chosen: Mutex<LogPlan>

  init(_ plan: LogPlan) { chosen = Mutex(plan) }

  var plan: LogPlan {
    get { chosen.withLock { $0 } }
    set { chosen.withLock { $0 = newValue } }
  }
}
