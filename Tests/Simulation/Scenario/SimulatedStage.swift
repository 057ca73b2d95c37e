import Logging
import SimulatedDisk
import SystemPackage

@testable import Coroutines
@testable import Weir

/// The simulated machine: files and databases in memory, time that passes when nothing else is to be done, and the
/// production agent as a routine.
///
/// While a scenario takes its steps the agent does nothing, but where time is let pass: by what waits, and by
/// ``pause()``. Used on the scheduler's thread.
final class SimulatedStage: Stage, @unchecked Sendable {
  static let kind = StageKind.simulator
  static let logs: FilePath = "/logs"
  /// Where the config lies, and the database unless it is said otherwise. No folder: databases are on a disk of theirs.
  static let home: FilePath = "/agent"
  /// In this time the agent has looked at all that it is told of.
  private static let lookSpan = Duration.milliseconds(200)
  /// How often is looked for what is waited for: at first, and at last.
  private static let waitPauses = (first: Duration.milliseconds(1), last: Duration.milliseconds(100))

  let scheduler: Scheduler
  let clock = VirtualClock(wall: .seconds(1_800_000_000))
  let tree: FileTree
  let databases: Databases
  var random: Random
  private let patienceSeconds: Int
  private let longestPause: Int
  private var life: Life?
  private var isFrozen = false
  private var config = Configuration(yaml: "")
  private var store: ScenarioStore
  private var said: [String] = []
  var held: [String: HeldFile] = [:]
  /// The number of the file that was removed last.
  var removedInode: UInt64?

  /// - Parameters:
  ///   - seed: draws the order of what is ready, and pauses between the steps; nil: first come first served.
  ///   - longestPause: of those, in milliseconds.
  init(patienceSeconds: Int, seed: UInt64?, longestPause: Int) throws {
    self.patienceSeconds = patienceSeconds
    self.longestPause = longestPause
    random = Random(seed: seed ?? 0)
    scheduler = Scheduler(clock: clock, seed: seed, isAlone: true)
    tree = FileTree(clock: clock)
    databases = Databases(seed: seed ?? 0)
    store = ScenarioStore(
      path: Self.home.appending("weir.db").string, on: SimulatedDatabases(databases), logs: Self.logs.string)
    try tree.make(.folder, at: Self.logs)
  }

  /// Lets the agent do something between two steps.
  func pause() async throws {
    if longestPause > 0, !isFrozen { try await scheduler.sleep(for: random.milliseconds(0...longestPause)) }
  }

  // MARK: The agent

  func launch(_ config: Configuration, openFilesLimit: Int?) async throws {
    try begin(config, isOnce: false, openFilesLimit)
  }

  func start(_ config: Configuration, openFilesLimit: Int?) async throws {
    try await launch(config, openFilesLimit: openFilesLimit)
    guard try await wait(seconds: patienceSeconds, until: { try store.haveStarted() }) else {
      throw StageFailure("the agent does not follow within \(patienceSeconds) s")
    }
    try await settle()
  }

  func once(_ config: Configuration) async throws -> Int {
    try begin(config, isOnce: true, nil)
    return try await end()
  }

  func stop() async throws -> Int {
    try running().signals.send(.stop)
    return try await end()
  }

  func kill() async throws {
    try running().die(databases.crash)
    life = nil
    isFrozen = false
  }

  func freeze() async throws {
    _ = try running()
    isFrozen = true
  }

  func thaw() async throws {
    _ = try running()
    isFrozen = false
  }

  func hangUp(_ config: Configuration) async throws {
    let life = try running()
    take(config)
    life.signals.send(.reload)
  }

  func reload(_ config: Configuration) async throws -> Bool {
    let before = said.count
    func isAnswered(_ sentence: String) -> Bool { said[before...].contains { $0.contains(sentence) } }
    try await hangUp(config)
    let isThere = try await wait(seconds: patienceSeconds) {
      isAnswered("took the config") || isAnswered("the config was not taken")
    }
    guard isThere else { throw StageFailure("no answer to a reload within \(patienceSeconds) s") }
    return isAnswered("took the config")
  }

  func settle() async throws {
    _ = try running()
    if isFrozen { throw StageFailure("the agent is frozen") }
    try await scheduler.sleep(for: Self.lookSpan)
  }

  func wait(seconds: Int, until isThere: () throws -> Bool) async throws -> Bool {
    let deadline = clock.now + .seconds(seconds)
    var pause = Self.waitPauses.first
    while try !isThere() {
      if let result = life?.routine.result { throw StageFailure("the agent ended by itself with \(result)") }
      guard clock.now < deadline, !isFrozen else { return false }
      try showDatabase()
      try await scheduler.sleep(for: pause)
      pause = min(pause * 2, Self.waitPauses.last)
    }
    return true
  }

  private func begin(_ config: Configuration, isOnce: Bool, _ openFilesLimit: Int?) throws {
    guard life == nil else { throw StageFailure("the agent runs already") }
    take(config)
    let files = AgentFiles(tree) { (_) throws(SystemError) in }
    files.openLimit = openFilesLimit ?? .max
    let tape = LifeLog { [unowned self] in say($0, $1) }
    life = Life(
      try plan(), isOnce: isOnce, files: files, databases: databases, tape: tape, on: scheduler,
      delay: { [unowned self] in random.milliseconds(0...2) }, reload: { [unowned self] in try plan() })
    try showDatabase()
  }

  private func running() throws -> Life {
    guard let life else { throw StageFailure("the agent does not run") }
    return life
  }

  private func end() async throws -> Int {
    let life = try running()
    let deadline = clock.now + .seconds(patienceSeconds)
    while clock.now < deadline {
      if let result = life.routine.result {
        self.life = nil
        return Int(try result.get())
      }
      try await scheduler.sleep(for: Self.waitPauses.first)
    }
    throw StageFailure("the agent does not end within \(patienceSeconds) s")
  }

  private func take(_ config: Configuration) {
    self.config = config
    let path = config.database.map(place) ?? Self.home.appending("weir.db")
    guard path.string != store.path else { return }
    store = ScenarioStore(path: path.string, on: SimulatedDatabases(databases), logs: Self.logs.string)
  }

  /// Reads the config as the command does.
  private func plan() throws -> Plan {
    var head = "log: { level: debug }\n"
    if let database = config.database { head += "database: ${LOGS}/\(database)\n" }
    return try ConfigFile.load(
      text: head + config.yaml, named: Self.home.appending("weir.yaml"), catalog: .standard,
      environment: ["LOGS": Self.logs.string])
  }

  /// As the agent's log on standard error has it.
  private func say(_ level: Logger.Level, _ message: String) {
    let text = (level == .info ? "" : "\(level): ") + message
    said += text.split(separator: "\n").map(String.init)
  }

  /// Shows the files of a database that lies among the logs to who looks into that folder.
  private func showDatabase() throws {
    guard let database = config.database else { return }
    for suffix in ["", "-wal", "-shm"] {
      let path = place(database + suffix)
      guard let bytes = try databases.disk.content(of: path) else { continue }
      let node = try opened(path)
      if node.bytes != bytes { write(bytes, over: node) }
    }
  }

  // MARK: The machine

  func pass(seconds: Int) async throws {
    if isFrozen { clock.advance(by: .seconds(seconds)) } else { try await scheduler.sleep(for: .seconds(seconds)) }
  }

  func renumberDevices() async throws { tree.device += 1 }

  func lock() async throws { databases.disk[.busy] = true }

  func unlock() async throws { databases.disk[.busy] = false }

  // MARK: What is there

  func lines() throws -> [StoredLine] { try store.lines() }

  func gaps() throws -> [StoredGap] { try store.gaps() }

  func log() throws -> [String] { said }
}
