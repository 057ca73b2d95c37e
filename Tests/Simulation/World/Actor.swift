import Coroutines
import DequeModule

/// Someone in the world who does one step after the other, at times drawn by the seed: a writer, a rotation, a person.
///
/// Steps are small, as system calls are: what others do may come between any two, and into the agent's own calls.
final class Actor: @unchecked Sendable {
  typealias Step = () throws -> Void

  let name: String
  private var steps = Deque<Step>()
  /// Plans what comes next; called when there are no steps left.
  private let plan: (Actor) -> Void
  private let pause: (_ isWithin: Bool) -> Duration

  init(_ name: String, pause: @escaping (_ isWithin: Bool) -> Duration, plan: @escaping (Actor) -> Void) {
    self.name = name
    self.pause = pause
    self.plan = plan
  }

  var hasSteps: Bool { !steps.isEmpty }

  func add(_ step: @escaping Step) { steps.append(step) }

  /// Before all others.
  func addFirst(_ step: @escaping Step) { steps.prepend(step) }

  /// Does the next step, if there is one.
  func doStep() throws { try steps.popFirst()?() }

  /// Does what was begun.
  func finish() throws { while hasSteps { try doStep() } }

  /// Acts until it is cancelled.
  func act(on scheduler: Scheduler) async throws {
    while true {
      try await scheduler.sleep(for: pause(hasSteps))
      if steps.isEmpty { plan(self) }
      try doStep()
    }
  }
}
