import Glibc

/// The kernel's files, and the built program.
///
/// Beside the scenario's folder lies the agent's, with its config, its database, and a file of our own that it follows
/// too: a line that was appended to it and is stored says that all was looked at that was done before.
final class KernelStage: Stage {
  static let kind = StageKind.kernel
  private static let witnessPipeline = "witness"
  private static let witnessConfig = """
    pipelines:
      - name: witness
        follow: { path: witness, from: beginning }
        broadcast: sqlite

    """
  /// How long the agent may take to start, to stop, or to look.
  private let patienceSeconds: Int
  let folder: String
  var logs: String { folder + "/logs" }
  private var home: String { folder + "/agent" }
  private var agent: AgentProcess?
  var isRunning: Bool { agent != nil }
  private var store: ScenarioStore
  private var locker: DatabaseLock?
  private var witnessCount = 0
  private var config = Configuration(yaml: "")
  var held: [String: Int32] = [:]
  /// The file that was removed last.
  var removed: (device: dev_t, inode: ino_t)?

  init(patienceSeconds: Int) throws {
    self.patienceSeconds = patienceSeconds
    var template = Array("/tmp/weir-scenario-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw StageFailure("mkdtemp: \(errorText)") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    store = Self.store(at: folder + "/agent/weir.db", logs: folder + "/logs")
    for path in [logs, home] { try check(mkdir(path, 0o755), "mkdir \(path)") }
    try put(Array(Self.witnessConfig.utf8), at: home + "/witness.yaml", O_CREAT | O_TRUNC)
  }

  private static func store(at path: String, logs: String) -> ScenarioStore {
    ScenarioStore(path: path, on: KernelDatabases(), logs: logs, without: witnessPipeline)
  }

  deinit {
    agent = nil
    for descriptor in held.values { close(descriptor) }
    do { try run("rm", "-rf", folder) } catch { print("cannot remove \(folder): \(error)") }
  }

  // MARK: The agent

  func launch(_ config: Configuration, openFilesLimit: Int?) async throws {
    guard agent == nil else { throw StageFailure("the agent runs already") }
    try take(config)
    agent = try AgentProcess(["run", "-c", "weir.yaml"], in: home, logs: logs, openFilesLimit: openFilesLimit)
  }

  func start(_ config: Configuration, openFilesLimit: Int?) async throws {
    try await launch(config, openFilesLimit: openFilesLimit)
    try await witness()
    guard try await wait(seconds: patienceSeconds, until: { try self.store.haveStarted() }) else {
      throw StageFailure("the agent does not follow within \(patienceSeconds) s")
    }
  }

  func once(_ config: Configuration) async throws -> Int {
    guard agent == nil else { throw StageFailure("the agent runs already") }
    try take(config)
    agent = try AgentProcess(["run", "-c", "weir.yaml", "--once"], in: home, logs: logs, openFilesLimit: nil)
    return try await end()
  }

  func stop() async throws -> Int {
    try running().signal(SIGTERM)
    return try await end()
  }

  func kill() async throws {
    try running().signal(SIGKILL)
    _ = try await end()
  }

  func freeze() async throws {
    let agent = try running()
    agent.signal(SIGSTOP)
    var information = siginfo_t()
    try check(waitid(P_PID, id_t(agent.pid), &information, WSTOPPED), "waitid")
  }

  func thaw() async throws { try running().signal(SIGCONT) }

  func hangUp(_ config: Configuration) async throws {
    let agent = try running()
    try take(config)
    agent.signal(SIGHUP)
  }

  func reload(_ config: Configuration) async throws -> Bool {
    func count(_ sentence: String) throws -> Int { try log().count { $0.contains(sentence) } }
    let (taken, refused) = ("took the config", "the config was not taken")
    let (takenBefore, refusedBefore) = (try count(taken), try count(refused))
    try await hangUp(config)
    let isAnswered = try await wait(seconds: patienceSeconds) {
      try count(taken) > takenBefore || count(refused) > refusedBefore
    }
    guard isAnswered else { throw StageFailure("no answer to a reload within \(patienceSeconds) s") }
    return try count(taken) > takenBefore
  }

  /// The second line is looked at in a round of its own, when that in which the first was met is over.
  func settle() async throws {
    try await witness()
    try await witness()
  }

  func wait(seconds: Int, until isThere: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !isThere() {
      if let status = try agent?.ended() { throw StageFailure("the agent ended by itself with status \(status)") }
      guard ContinuousClock.now < deadline else { return false }
      try await ContinuousClock().sleep(for: .milliseconds(4))  // looks again: SQLite tells nobody of a commit
    }
    return true
  }

  private func witness() async throws {
    _ = try running()
    witnessCount += 1
    try put(Array("\(witnessCount)\n".utf8), at: home + "/witness", O_CREAT | O_APPEND)
    let isSeen = try await wait(seconds: patienceSeconds) { try self.store.hasWitness("\(self.witnessCount)") }
    guard isSeen else { throw StageFailure("the agent does not look within \(patienceSeconds) s") }
  }

  private func running() throws -> AgentProcess {
    guard let agent else { throw StageFailure("the agent does not run") }
    return agent
  }

  private func end() async throws -> Int {
    let agent = try running()
    let deadline = ContinuousClock.now + .seconds(patienceSeconds)
    while ContinuousClock.now < deadline {
      if let status = try agent.ended() {
        self.agent = nil
        return status
      }
      try await ContinuousClock().sleep(for: .milliseconds(2))
    }
    throw StageFailure("the agent does not end within \(patienceSeconds) s")
  }

  private func take(_ config: Configuration) throws {
    var head = "include: witness.yaml\nlog: { level: debug }\n"
    if let database = config.database { head += "database: ${LOGS}/\(database)\n" }
    try put(Array((head + config.yaml).utf8), at: home + "/weir.yaml", O_CREAT | O_TRUNC)
    let path = config.database.map { logs + "/" + $0 } ?? home + "/weir.db"
    if path != store.path { store = Self.store(at: path, logs: logs) }
  }

  // MARK: The machine

  func pass(seconds: Int) async throws { try await ContinuousClock().sleep(for: .seconds(seconds)) }

  func renumberDevices() async throws {
    guard agent == nil else { throw StageFailure("a machine boots without its agent") }
    try KernelDatabases().change("UPDATE checkpoint SET device = device + 1", in: store.path)
  }

  func lock() async throws { locker = try DatabaseLock(store.path) }

  func unlock() async throws { locker = nil }

  /// What a reused inode number looks like to an agent that was down.
  func renumber(_ old: (device: dev_t, inode: ino_t), as inode: ino_t) throws {
    try KernelDatabases().change(
      "UPDATE checkpoint SET inode = \(inode) WHERE inode = \(old.inode)", in: store.path)
  }

  // MARK: What is there

  func lines() throws -> [StoredLine] { try store.lines() }

  func gaps() throws -> [StoredGap] { try store.gaps() }

  func log() throws -> [String] {
    String(decoding: try content(of: home + "/log"), as: UTF8.self).split(separator: "\n").map {
      String($0.hasPrefix("weir: ") ? $0.dropFirst(6) : $0)
    }
  }
}

/// What errno says.
var errorText: String { String(cString: strerror(errno)) }
