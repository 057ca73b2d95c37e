import Coroutines
import Synchronization
import SystemPackage

@testable import Weir

/// An agent with sinks that a test sees into, on real files.
final class AgentStage: Sendable {
  let scratch = Scratch()
  let log = LogRecord()
  let scheduler = Scheduler()
  private let signals: Signalling
  private let next: Mutex<Plan?>

  /// What the agent is asked for.
  private final class Signalling: SignalSource {
    let channel: Channel<Signals.Request>
    init(on scheduler: Scheduler) { channel = Channel(name: "signals", on: scheduler, capacity: 1000) }
    func next(on scheduler: Scheduler) async throws -> Signals.Request {
      guard let request = try await channel.next() else { throw CancellationError() }
      return request
    }
  }

  /// A sink that keeps what it is given; a new one of the same each time that it is made.
  final class Taker: Sink, SinkRecipe {
    private let kept = Mutex((lines: [String](), makings: 0, opens: 0))
    /// Asked each time that it is made, with how often it was.
    private let making: @Sendable (Int) throws -> Void

    init(making: @escaping @Sendable (Int) throws -> Void = { _ in }) { self.making = making }

    var lines: [String] { kept.withLock { $0.lines } }
    var makingCount: Int { kept.withLock { $0.makings } }
    var summary: String { "taker" }
    func isSame(as other: any SinkRecipe) -> Bool { other as? Taker === self }
    func make(in surroundings: SinkSurroundings) throws -> any Sink {
      try making(
        kept.withLock { kept in
          kept.makings += 1
          return kept.makings
        })
      return self
    }
    func open(for pipelines: [PipelineLabel]) {}
    func checkpoints(of pipelines: [PipelineLabel]) -> [[Checkpoint]]? { nil }
    func receive(_ inbox: Inbox<[Delivery]>) async throws {
      for try await deliveries in inbox {
        for delivery in deliveries {
          let lines = delivery.selection.lines.map { line in
            delivery.batch.withBytes { String(decoding: $0[Int(line.start)..<Int(line.end)], as: UTF8.self) }
          }
          kept.withLock { $0.lines += lines }
        }
      }
    }
  }

  init() {
    signals = Signalling(on: scheduler)
    next = Mutex(nil)
  }

  /// A pipeline of the files of that name, from their beginning.
  func pipeline(_ name: String, follow: String, grep: String = "", sinks: [Int]) -> PipelinePlan {
    PipelinePlan(
      label: PipelineLabel(name: name, fields: []),
      follow: [FollowPlan(paths: [scratch.path(follow)], start: .beginning)],
      trunk: BranchPlan(rules: [Rule(matches: [Pattern(grep)])], sinks: sinks))
  }

  func plan(_ pipelines: [PipelinePlan], _ sinks: [(String, any SinkRecipe)], database: String? = nil) -> Plan {
    Plan(
      source: scratch.path("w.yaml"), database: database.map(scratch.path),
      sinks: sinks.map { SinkPlan(name: $0.0, kind: "taker", recipe: $0.1) }, pipelines: pipelines)
  }

  /// Runs an agent while `body` runs. - Returns: its exit status.
  func run(_ plan: Plan, _ body: @escaping @Sendable (Agent) async throws -> Void) throws -> Int32 {
    var settings = Agent.Settings()
    settings.reload = { [self] in next.withLock { $0! } }
    var machine = Machine()
    machine.logger = { [log] _ in log.logger }
    let agent = Agent(plan: plan, settings: settings, scheduler: scheduler, signals: signals, machine: machine)
    return try scheduler.run { [self] in
      let running = scheduler.spawn(name: "agent") { await agent.run() }
      try await body(agent)
      signals.channel.offer(.stop)
      return try await running.value
    }
  }

  /// Gives the agent another plan.
  func reload(_ plan: Plan) {
    next.withLock { $0 = plan }
    signals.channel.offer(.reload)
  }

  /// Waits until it is so; half a minute at most.
  func until(_ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock().now + .seconds(30)
    while try await !isSo() {
      guard ContinuousClock().now < deadline else { throw Failure("too late; the log: \(log.all.suffix(20))") }
      try await scheduler.sleep(for: .milliseconds(1))
    }
  }

  /// Waits until the log has a message that begins so.
  func untilSaid(_ text: String) async throws { try await until { log.all.contains { $0.contains(text) } } }
}
