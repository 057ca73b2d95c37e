import Coroutines
import Logging
import SystemPackage

@testable import Weir

/// The agent as one process: from its start to its end, or to its kill.
final class Life: @unchecked Sendable {
  let files: AgentFiles
  let signals: SimulatedSignals
  let routine: Routine<Int32>
  let tape: LifeLog

  init(in world: World, plan: Plan) {
    let files = AgentFiles(world.tree) { [unowned world] (call) throws(SystemError) in world.interrupt(call) }
    files.onEvents = { $0.queueLimit = world.setting.queueLimit }
    let signals = SimulatedSignals(on: world.scheduler)
    let tape = LifeLog(trace: world.trace) { [unowned world] in world.complaints.append($0) }
    var plan = plan
    plan.sinks = plan.sinks.map { sink in
      guard sink.recipe is RecordingPrinter.Recipe else { return sink }
      let name = sink.name
      var sink = sink
      sink.recipe = RecordingPrinter.Recipe { [unowned world] line in
        if !files.isDead { world.printed[name, default: []].append(line) }
      }
      return sink
    }
    var machine = Machine()
    machine.files = files
    machine.stores = { [unowned world] log, scheduler in
      world.databases.shelf(log: log, scheduler: scheduler) {
        DiskThread(world.scheduler) { world.random.milliseconds(world.setting.diskPause) }
      }
    }
    machine.logger = { _ in Logger(label: "weir") { _ in tape } }
    var settings = Agent.Settings()
    settings.reload = { [plan] in plan }
    let agent = Agent(
      plan: plan, settings: settings, scheduler: world.scheduler, signals: signals, machine: machine)
    self.files = files
    self.signals = signals
    self.tape = tape
    routine = world.scheduler.spawn(name: "agent") { await agent.run() }
  }
}

/// What the agent is asked for.
final class SimulatedSignals: SignalSource, @unchecked Sendable {
  private let channel: Channel<Signals.Request>

  init(on scheduler: Scheduler) { channel = Channel(name: "signals", on: scheduler, capacity: 1000) }

  func send(_ request: Signals.Request) { channel.offer(request) }

  func next(on scheduler: Scheduler) async throws -> Signals.Request {
    guard let request = try await channel.next() else { throw CancellationError() }
    return request
  }
}

/// The agent's own log.
final class LifeLog: LogHandler, @unchecked Sendable {
  private let trace: Trace
  private let complain: (String) -> Void
  /// After a kill nobody reads it.
  var isClosed = false

  init(trace: Trace, complain: @escaping (String) -> Void) {
    self.trace = trace
    self.complain = complain
  }

  var logLevel: Logger.Level {
    get { .debug }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  func log(event: LogEvent) {
    if isClosed { return }
    trace.note("weir: \(event.level): \(event.message)")
    if event.level >= .error { complain(event.message.description) }
  }
}
