import ArgumentParser
import Coroutines
import Weir

/// `weir run`: the config's pipelines.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the config's pipelines.",
    discussion: """
      Follows files until it is stopped (SIGTERM, SIGINT), and goes on where it stopped. SIGHUP reads the config \
      again; SIGUSR1 logs the state. A database that cannot be opened before somebody mends something is waited for; \
      with --once it is an error.
      """)

  @OptionGroup var config: ConfigOption

  @Flag(help: "Read what is there now from the checkpoint on (with none: from the beginning), deliver it, and end.")
  var once = false

  @Flag(help: "Print a line a batch to standard error, with the time that each stage took.")
  var timing = false

  func run() throws {
    let signals = AgentProcess.begin(reloads: true)
    // The same file is read at each reload, also where another would be found by then.
    let path = config.path
    let plan = try config.loadOrExit(path)
    var settings = Agent.Settings()
    settings.isOnce = once
    settings.showsTiming = timing
    settings.supervision = Supervision(environment: Environment.variables)
    settings.reload = { try ConfigOption.load(path, waits: false) }
    try AgentProcess.run(plan, settings, signals)
  }
}

/// The agent as this process: signals blocked before any thread is made, the scheduler on the main thread.
enum AgentProcess {
  /// Before anything else: a signal that comes from here on waits until it can be answered.
  ///
  /// - Parameter reloads: whether SIGHUP reloads, and so is no hangup.
  static func begin(reloads: Bool) -> Signals {
    StandardDescriptors.open()
    OpenFileLimit.raise()
    return Signals.block(reloads: reloads)
  }

  /// Runs to the end; throws the exit status if it is not 0.
  static func run(_ plan: Plan, _ settings: Agent.Settings, _ signals: Signals) throws {
    let scheduler = Scheduler()
    let agent = Agent(plan: plan, settings: settings, scheduler: scheduler, signals: signals)
    let status = try scheduler.run { await agent.run() }
    NoticeLog.finish()
    if status != 0 { throw ExitCode(status) }
  }
}
