import Coroutines
import Logging
import SystemPackage

/// The life of the process: start, reload, stop, in order.
///
/// ```swift
/// let signals = Signals.block()
/// let scheduler = Scheduler()
/// let plan = try ConfigFile.load(path, catalog: catalog)
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
    /// Reads the config again at SIGHUP; nil: SIGHUP ends the run.
    public var reload: (@Sendable () throws -> Plan)?

    /// The usual run, without a reload.
    public init() {}
  }

  enum Event: Sendable {
    case signal(Signals.Request)
    /// A sink of the pipelines with this number was set apart.
    case fault(generation: Int, sink: Int, any Error)
    /// The pipelines with this number have no more files.
    case ended(generation: Int, (any Error)?)
    case drained
    case deadline
  }

  /// How long a stop may take.
  static let stopDeadline = Duration.seconds(10)

  nonisolated let scheduler: Scheduler
  nonisolated public var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  let settings: Settings
  var plan: Plan
  var log: Logger
  let stores: StoreShelf
  private let signals: Signals
  let events = AsyncStream.makeStream(of: Event.self)
  var running: RunningPipelines?
  var generation = 0
  private var hasFailed = false
  private var faultySinks: Set<Int> = []
  private var lock: StoreLock?

  /// - Parameter signals: blocked before any thread was made.
  public init(plan: Plan, settings: Settings, scheduler: Scheduler, signals: Signals) {
    self.plan = plan
    self.settings = settings
    self.scheduler = scheduler
    self.signals = signals
    log = Self.logger(for: plan)
    stores = StoreShelf(log: log)
  }

  /// Runs until it is stopped, or all is read with `isOnce`.
  ///
  /// - Returns: the exit status: 0, or 1 after a failure, which was said.
  public func run() async -> Int32 {
    listen()
    do {
      lock = try plan.database.map { try StoreLock(for: $0) }
      try await start()
    } catch {
      log.error("\(error)")
      return 1
    }
    for await event in events.stream {
      if await hasToStop(after: event) { break }
    }
    return await stop()
  }

  /// Answers an event. - Returns: whether the run is over.
  private func hasToStop(after event: Event) async -> Bool {
    switch event {
    case .signal(.stop): return true
    case .signal(.report):
      await running?.pipelines.report()
      return false
    case .signal(.reload):
      guard let reload = settings.reload else { return true }
      return await !take(reload)
    case .ended(generation, let error):
      if let error { fail(error) }
      return true
    case .fault(generation, let sink, let error):
      note(error, ofSink: sink)
      return faultySinks.count == plan.sinks.count
    case .ended, .fault, .drained, .deadline: return false
    }
  }

  /// Says once that a sink was set apart. A reader that went away is no failure.
  private func note(_ error: any Error, ofSink sink: Int) {
    guard faultySinks.insert(sink).inserted else { return }
    let name = plan.sinks[sink].name
    let isLast = faultySinks.count == plan.sinks.count
    switch error {
    case is OutputClosed:
      if !isLast { log.info("the output of sink \(name) was closed: it ends, the others go on") }
    default:
      hasFailed = true
      log.error("sink \(name) failed and is set apart: \(error)")
    }
  }

  private func fail(_ error: any Error) {
    hasFailed = true
    log.error("\(error)")
  }

  /// Reads the config again. What is wrong with it is said, and changes nothing.
  ///
  /// - Returns: false when neither the new nor the old plan can run.
  private func take(_ reload: @Sendable () throws -> Plan) async -> Bool {
    let next: Plan
    do {
      next = try reload()
      if next.database != plan.database { lock = try next.database.map { try StoreLock(for: $0) } }
    } catch {
      log.error("the config was not taken, the old one runs on:\n\(error)")
      return true
    }
    await drain()
    let previous = plan
    if await change(to: next) {
      log.info("took the config")
      return true
    }
    log.error("going back to the old config")
    return await change(to: previous)
  }

  private func change(to next: Plan) async -> Bool {
    plan = next
    log = Self.logger(for: next)
    faultySinks = []
    do {
      try await start()
      return true
    } catch {
      fail(error)
      return false
    }
  }

  /// Delivers and commits what was read, within the deadline.
  private func stop() async -> Int32 {
    let drain = scheduler.spawn(name: "stop") { await self.drain() }
    drain.whenDone { [events] _ in events.continuation.yield(.drained) }
    scheduler.spawn(name: "stop deadline") { [events, scheduler] in
      try await scheduler.sleep(for: Self.stopDeadline)
      events.continuation.yield(.deadline)
    }
    for await event in events.stream {
      switch event {
      case .drained:
        await stores.closeAll()
        return hasFailed ? 1 : 0
      case .deadline:
        log.error("a sink did not take what was read within 10 s: it is read again next time")
        return 1
      case .fault(generation, let sink, let error): note(error, ofSink: sink)
      case .signal, .fault, .ended: continue
      }
    }
    return 1
  }

  /// Stops reading, lets what was read reach the sinks, and writes every checkpoint.
  private func drain() async {
    guard let running else { return }
    self.running = nil
    generation += 1
    do {
      for (sink, error) in try await running.drain() { note(error, ofSink: sink) }
    } catch {
      fail(error)
    }
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

  private static func logger(for plan: Plan) -> Logger {
    Logger(label: "weir") { _ in NoticeLog(plan.log) }
  }
}
