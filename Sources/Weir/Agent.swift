import Coroutines
import Logging
import SystemPackage

/// The life of the process: start, reload, stop, in order.
///
/// ```swift
/// let signals = Signals.block()
/// let scheduler = Scheduler()
/// let plan = try ConfigFile.load("weir.yaml", catalog: .standard, environment: [:])
/// let agent = Agent(plan: plan, settings: Agent.Settings(), scheduler: scheduler, signals: signals)
/// let status = try scheduler.run { await agent.run() }
/// ```
///
/// An actor on the scheduler. ``run()`` once.
public actor Agent {
  /// How a run differs from the usual one.
  public struct Settings: Sendable {
    /// Read what is there now, deliver it, and end.
    public var isOnce = false
    /// A line a batch on standard error.
    public var showsTiming = false
    /// Whether a pipeline that has run before may meet new files at the start, to which `from` applies: the command
    /// line of `weir follow` names other files each time.
    public var appliesStartToNewFiles = false
    /// Reads the config again at SIGHUP; nil: SIGHUP ends the run.
    public var reload: (@Sendable () throws -> Plan)?
    /// Who is told how the agent is; nil: nobody.
    public var supervision: Supervision?

    /// The usual run, without a reload.
    public init() {}
  }

  enum Event: Sendable {
    case signal(Signals.Request)
    /// The sink with this number was set apart.
    case fault(sink: Int, any Error)
    /// A sink is open, or can never be.
    case sinkOpened
    case filesChanged
    /// The pipelines with this number have no more files.
    case ended(generation: Int, (any Error)?)
    /// The start or reload under way has ended.
    case settled((any Error)?)
    case drained
    case deadline
  }

  /// How long a stop may take.
  static let stopDeadline = Duration.seconds(10)

  nonisolated let scheduler: Scheduler
  nonisolated public var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  let settings: Settings
  /// The one that runs, or that a start or reload goes over to.
  var plan: Plan
  /// The last one that all was started of; nil before the first.
  var appliedPlan: Plan?
  /// The one that it began with.
  let firstPlan: Plan
  /// Whether it was said that the plan was taken, or nothing is to be said of it.
  var isPlanTaken = true
  /// Whether a request cut the last start or reload short.
  private(set) var wasCutShort = false
  let logChoice: LogChoice
  let log: Logger
  let stores: StoreShelf
  let machine: Machine
  private let signals: any SignalSource
  let events = AsyncStream.makeStream(of: Event.self)
  var running: RunningPipelines?
  var generation = 0
  private var hasFailed = false
  /// By their numbers.
  var faultySinks: Set<Int> = []
  /// Of the present plan, by name in lower case.
  var sinks: [String: SinkSlot] = [:]
  /// Of no plan any more; pipelines that are not replaced yet still send to them.
  var leavingSinks: [SinkSlot] = []
  /// Sinks that are being ended, by name in lower case.
  var retirements: [String: Routine<Void>] = [:]
  /// Those that run, in no order.
  var pipelines: [RunningPipeline] = []
  /// Of pipelines that ran under a name in lower case before and may not have left all files.
  var formerNumbers: [String: Set<Int>] = [:]
  private var lastNumber = 0
  /// The start or reload under way.
  private var work: Routine<Void>?
  var wantsReload = false
  /// Whether a sink that pipelines waited for is open.
  var wantsPlan = false
  /// Pipelines of the plan that wait for a sink, by name in lower case. Those that ran before may run on as they were.
  var waitingPipelines: Set<String> = []
  let supervisor: Supervisor?
  var readiness = Readiness.starting
  var statusTimer: Routine<Void>?

  /// - Parameter signals: blocked before any thread was made.
  public init(plan: Plan, settings: Settings, scheduler: Scheduler, signals: Signals) {
    self.init(plan: plan, settings: settings, scheduler: scheduler, signals: signals, machine: Machine())
  }

  init(plan: Plan, settings: Settings, scheduler: Scheduler, signals: any SignalSource, machine: Machine) {
    self.plan = plan
    firstPlan = plan
    self.settings = settings
    self.scheduler = scheduler
    self.signals = signals
    self.machine = machine
    logChoice = LogChoice(plan.log)
    log = machine.logger(logChoice)
    stores = machine.stores(log, scheduler, settings.isOnce)
    supervisor = settings.supervision.map { [log] in Supervisor($0, scheduler: scheduler, log: log) }
  }

  /// Runs until it is stopped, or all is read with `isOnce`.
  ///
  /// - Returns: the exit status: 0, or 1 after a failure, which was said.
  public func run() async -> Int32 {
    listen()
    await supervisor?.startWatchdog()
    begin("start") { try await self.start() }
    for await event in events.stream {
      if await hasToStop(after: event) { break }
    }
    return await stop()
  }

  /// Starts or reloads beside the events, so that a signal is answered while a database is waited for.
  func begin(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
    let routine = scheduler.spawn(name: name, body)
    work = routine
    routine.whenDone { [events] result in
      let error: (any Error)? = if case .failure(let error) = result { error } else { nil }
      events.continuation.yield(.settled(error))
    }
  }

  /// Answers an event. - Returns: whether the run is over.
  private func hasToStop(after event: Event) async -> Bool {
    switch event {
    case .signal(.stop): return true
    case .signal(.report):
      await running?.pipelines.report()
      return false
    case .signal(.reload):
      guard settings.reload != nil else { return true }
      wantsReload = true
      if let work { work.cancel() } else { await beginReload() }
      return false
    case .settled(let error):
      return await hasToStop(settledWith: error)
    case .ended(generation, let error):
      if let error { fail(error) }
      return true
    case .fault(let number, let error):
      guard let slot = (sinks.values + leavingSinks).first(where: { $0.number == number }) else { return false }
      note(error, ofSink: number, name: slot.plan.name)
      if work == nil, readiness == .starting, !isWaiting { await tellSettled() }
      return sinks.values.allSatisfy { faultySinks.contains($0.number) } || nothingCanRun
    case .sinkOpened:
      if running != nil { wantsPlan = true }
      if work == nil { beginPlan() }
      return false
    case .filesChanged:
      tellFilesLater()
      return false
    case .ended, .drained, .deadline: return false
    }
  }

  private func hasToStop(settledWith error: (any Error)?) async -> Bool {
    work = nil
    wasCutShort = error is CancellationError
    if let error, !wasCutShort {
      fail(error)
      return true
    }
    if wantsReload {
      await beginReload()
    } else {
      await tellSettled()
      beginPlan()
    }
    return false
  }

  /// Says once that a sink was set apart. A reader that went away is no failure.
  func note(_ error: any Error, ofSink number: Int, name: String) {
    guard faultySinks.insert(number).inserted else { return }
    let isLast = sinks.values.allSatisfy { faultySinks.contains($0.number) }
    switch error {
    case is OutputClosed:
      if !isLast { log.info("the output of sink \(name) was closed: it ends, the others go on") }
    default:
      hasFailed = true
      log.error("sink \(name) failed and is set apart: \(error)")
    }
  }

  /// Whether each pipeline waits for a sink that was set apart.
  private var nothingCanRun: Bool {
    pipelines.isEmpty && waitingPipelines.count == plan.pipelines.count
      && plan.pipelines.allSatisfy(hasSinkSetApart)
  }

  private func fail(_ error: any Error) {
    hasFailed = true
    log.error("\(error)")
  }

  /// Numbers pipelines and sinks.
  func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// Delivers and commits what was read, within the deadline.
  private func stop() async -> Int32 {
    await supervisor?.sayStopping()
    work?.cancel()
    let ending = scheduler.spawn(name: "stop") { [work, stores] in
      _ = await work?.outcome
      await self.drain()
      await stores.closeAll()
    }
    ending.whenDone { [events] _ in events.continuation.yield(.drained) }
    scheduler.spawn(name: "stop deadline", after: Self.stopDeadline) { [events] in
      events.continuation.yield(.deadline)
    }
    for await event in events.stream {
      switch event {
      case .drained: return hasFailed ? 1 : 0
      case .deadline:
        log.error("a sink did not take what was read within 10 s: it is read again next time")
        return 1
      case .signal, .fault, .sinkOpened, .filesChanged, .ended, .settled: continue
      }
    }
    return 1
  }

  /// Stops reading, lets what was read reach the sinks, and writes every checkpoint.
  func drain() async {
    guard let running else { return }
    self.running = nil
    generation += 1
    let errors = await running.drain { await self.closeSinks() }
    (pipelines, formerNumbers) = ([], [:])
    for error in errors { fail(error) }
    if await !running.pipelines.failures.isEmpty { hasFailed = true }
  }

  /// Turns signals into events. A second request to stop ends the process at once.
  private func listen() {
    scheduler.spawn(name: "signals") { [signals, scheduler, events, reloads = settings.reload != nil] in
      var isStopping = false
      while true {
        let request = try await signals.next(on: scheduler)
        let stops = request == .stop || (request == .reload && !reloads)
        if stops && isStopping { Signals.exitNow() }
        isStopping = isStopping || stops
        events.continuation.yield(.signal(request))
      }
    }
  }
}
