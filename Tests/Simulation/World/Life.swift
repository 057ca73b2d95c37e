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

  /// - Parameters:
  ///   - files: the disk as this life sees it.
  ///   - delay: how long a store takes for a job.
  ///   - reload: reads the config again.
  init(
    _ plan: Plan, isOnce: Bool = false, files: AgentFiles, databases: Databases, tape: LifeLog,
    on scheduler: Scheduler, delay: @escaping @Sendable () -> Duration, reload: @escaping @Sendable () throws -> Plan
  ) {
    var machine = Machine()
    machine.files = files
    machine.stores = { log, scheduler, isOneOff in
      databases.shelf(log: log, scheduler: scheduler, isOneOff: isOneOff) { DiskThread(scheduler, delay: delay) }
    }
    machine.logger = { _ in Logger(label: "weir") { _ in tape } }
    var settings = Agent.Settings()
    settings.isOnce = isOnce
    settings.reload = reload
    self.files = files
    self.tape = tape
    let signals = SimulatedSignals(on: scheduler)
    self.signals = signals
    let agent = Agent(plan: plan, settings: settings, scheduler: scheduler, signals: signals, machine: machine)
    routine = scheduler.spawn(name: "agent") { await agent.run() }
  }

  /// The agent of a world, which now and then interrupts it.
  convenience init(in world: World) {
    let files = AgentFiles(world.tree) { [unowned world] (call) throws(SystemError) in
      world.interrupt(call)
      if let failure = world.failure(of: call) { throw failure }
    }
    world.spoil(files)
    let tape = LifeLog { [unowned world] level, message in
      world.trace.note("weir: \(level): \(message)")
      if message == "took the config" { world.noteTaken() }
      if let figures = Figures(message) { world.figures = figures }
      guard level >= .error, !world.setting.isExpected(message) else { return }
      world.complaints.append(message)
    }
    let record: @Sendable (String) -> Void = { [unowned world] line in
      if !files.isDead { world.printed.append(line) }
    }
    self.init(
      world.variation.plan(in: world.setting, record: record), files: files, databases: world.databases, tape: tape,
      on: world.scheduler, delay: { [unowned world] in world.random.milliseconds(world.setting.diskPause) },
      reload: { [unowned world] in
        if world.setting.has(.config) { world.vary() }
        return world.variation.plan(in: world.setting, record: record)
      })
  }

  /// SIGKILL: what the process had in memory reaches nothing any more.
  ///
  /// - Parameter crash: what happens to the disk of the databases.
  func die(_ crash: () -> Void) {
    vanish(crash)
    signals.send(.stop)
  }

  /// The process is over, whatever it did not wait for.
  func vanish(_ crash: () -> Void) {
    tape.isClosed = true
    crash()
    files.die()
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
  private let take: (_ level: Logger.Level, _ message: String) -> Void
  /// After a kill nobody reads it.
  var isClosed = false

  init(_ take: @escaping (_ level: Logger.Level, _ message: String) -> Void) { self.take = take }

  var logLevel: Logger.Level {
    get { .trace }
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

  func log(event: LogEvent) { if !isClosed { take(event.level, event.message.description) } }
}
