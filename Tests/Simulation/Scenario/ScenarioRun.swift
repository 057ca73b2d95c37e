/// One run of a scenario on a stage: its steps in order, and then what the store has.
///
/// At the end an agent that runs has to store what is expected and to stop with status 0. Then all is read once more
/// from the checkpoints on: a line that comes a second time came twice.
struct ScenarioRun {
  let scenario: Scenario
  let stage: any Stage
  /// How long each thing is waited for.
  let patienceSeconds: Int
  /// Comes before each step: whatever time it takes, the outcome has to be the same.
  let pause: () async throws -> Void
  private var config: Configuration
  private var isRunning = false

  init(_ scenario: Scenario, on stage: any Stage, pause: @escaping () async throws -> Void = {}) {
    self.scenario = scenario
    self.stage = stage
    self.pause = pause
    config = scenario.config
    patienceSeconds = scenario.patienceSeconds
  }

  /// - Throws: ``ScenarioFailure`` where something is not as it has to be.
  mutating func run() async throws {
    for step in scenario.steps {
      do {
        try await pause()
        try await perform(step.action)
      } catch {
        throw failure("\(error)", line: step.line)
      }
    }
    do {
      try await end()
    } catch {
      throw failure("at the end: \(error)", line: nil)
    }
    let problems = ScenarioOutcome(scenario.expectations).problems(
      lines: try stage.lines(), gaps: try stage.gaps(), log: try stage.log(), isWhole: scenario.storesAll)
    guard problems.isEmpty else { throw failure(problems.joined(separator: "\n"), line: nil) }
  }

  private mutating func end() async throws {
    if isRunning {
      for expectation in scenario.expectations { try await await_(expectation) }
      try await stage.settle()
      try await perform(.stop)
    }
    try await perform(.once)
  }

  private mutating func perform(_ action: Action) async throws {
    switch action {
    case .append(let bytes, let path): try await stage.append(bytes, to: path)
    case .appendHeld(let bytes, let name): try await stage.append(bytes, toHeld: name)
    case .write(let bytes, let path): try await stage.write(bytes, to: path)
    case .overwrite(let bytes, let path, let offset): try await stage.overwrite(bytes, in: path, at: offset)
    case .truncate(let path, let size): try await stage.truncate(path, to: size)
    case .hold(let path, let name, let isAppending): try await stage.hold(path, as: name, isAppending: isAppending)
    case .release(let name): try await stage.release(name)
    case .move, .copy, .copyTruncate, .remove, .churn, .gzip, .recreate, .make, .link, .symlink, .chmod, .age:
      try await name(action)
    case .renumberDevices: try await stage.renumberDevices()
    case .lock: try await stage.lock()
    case .unlock: try await stage.unlock()
    case .pass(let seconds): try await stage.pass(seconds: seconds)
    case .start, .launch, .once, .stop, .kill, .freeze, .thaw, .reload, .hangUp: try await agent(action)
    case .settle: try await stage.settle()
    case .until(let lines): try await awaitLines(lines)
    case .untilGap(let gap): try await await_(.gap(gap))
    case .untilSaid(let sentence): try await await_(.said(sentence))
    }
  }

  private func name(_ action: Action) async throws {
    switch action {
    case .move(let path, let other): try await stage.move(path, to: other)
    case .copy(let path, let other): try await stage.copy(path, to: other)
    case .copyTruncate(let path, let other):
      try await stage.copy(path, to: other)
      try await stage.truncate(path, to: 0)
    case .remove(let path): try await stage.remove(path)
    case .churn(let path, let count):
      for _ in 0..<count {
        try await stage.write([], to: path)
        try await stage.remove(path)
      }
    case .gzip(let path): try await stage.gzip(path)
    case .recreate(let bytes, let path): try await stage.recreate(path, with: bytes)
    case .make(let kind, let path): try await stage.make(kind, at: path)
    case .link(let path, let target): try await stage.link(path, to: target)
    case .symlink(let path, let target): try await stage.symlink(path, to: target)
    case .chmod(let path, let mode): try await stage.chmod(path, mode: mode)
    case .age(let path, let seconds): try await stage.age(path, seconds: seconds)
    default: preconditionFailure("not of names: \(action)")
    }
  }

  private mutating func agent(_ action: Action) async throws {
    switch action {
    case .start:
      try await stage.start(config, openFilesLimit: scenario.openFilesLimit)
      isRunning = true
    case .launch:
      try await stage.launch(config, openFilesLimit: scenario.openFilesLimit)
      isRunning = true
    case .once: try expectEnd(await stage.once(config))
    case .stop:
      isRunning = false
      try expectEnd(await stage.stop())
    case .kill:
      isRunning = false
      try await stage.kill()
    case .freeze: try await stage.freeze()
    case .thaw: try await stage.thaw()
    case .reload(let next, let isTaken):
      guard try await stage.reload(next) == isTaken else {
        throw StageFailure("the config was \(isTaken ? "refused" : "taken")")
      }
      if isTaken { config = next }
    case .hangUp(let next):
      try await stage.hangUp(next)
      config = next
    default: preconditionFailure("not of the agent: \(action)")
    }
  }

  private func expectEnd(_ status: Int) throws {
    if status != 0 { throw StageFailure("the agent ended with status \(status)") }
  }

  // MARK: Waiting

  private func awaitLines(_ lines: [[UInt8]]) async throws {
    let isThere = try await stage.wait(seconds: patienceSeconds) {
      ScenarioOutcome.missing(lines, among: try stage.lines().map(\.bytes)).isEmpty
    }
    guard !isThere else { return }
    let missing = ScenarioOutcome.missing(lines, among: try stage.lines().map(\.bytes))
    throw StageFailure("not stored within \(patienceSeconds) s: \(ScenarioOutcome.shown(missing))")
  }

  private func await_(_ expectation: Expectation) async throws {
    switch expectation {
    case .lines(let lines, let file):
      let isThere = try await stage.wait(seconds: patienceSeconds) {
        let stored = try stage.lines().filter { $0.file == file }.map(\.bytes)
        return ScenarioOutcome.missing(lines, among: stored).isEmpty
      }
      guard !isThere else { return }
      let stored = try stage.lines().filter { $0.file == file }.map(\.bytes)
      let missing = ScenarioOutcome.missing(lines, among: stored)
      throw StageFailure("not stored of \(file) within \(patienceSeconds) s: \(ScenarioOutcome.shown(missing))")
    case .gap(let gap):
      guard try await !stage.wait(seconds: patienceSeconds, until: { try stage.gaps().contains(gap) }) else { return }
      throw StageFailure("no gap \(gap) within \(patienceSeconds) s")
    case .said(let sentence):
      let isSaid = try await stage.wait(seconds: patienceSeconds) {
        try stage.log().contains { $0.contains(sentence) }
      }
      guard !isSaid else { return }
      throw StageFailure("not said within \(patienceSeconds) s: \(sentence)")
    }
  }

  /// What was wrong, with all that was seen: for whoever reads it in a report.
  private func failure(_ text: String, line: Int?) -> ScenarioFailure {
    func seen<Value>(_ values: () throws -> [Value], _ show: (Value) -> String) -> String {
      do { return try values().suffix(150).map { "\n    " + show($0) }.joined() } catch { return " \(error)" }
    }
    let lines = seen(stage.lines) { "\($0.file) +\($0.offset) \(ScenarioOutcome.shown($0.bytes))" }
    let gaps = seen(stage.gaps) { "\($0)" }
    let log = seen(stage.log) { $0 }
    let place = scenario.name + (line.map { ", line \($0)" } ?? "")
    return ScenarioFailure(text: "\(place): \(text)\n  lines:\(lines)\n  gaps:\(gaps)\n  log:\(log)")
  }
}

extension Scenario {
  /// How long each thing is waited for. What fails today may fail soon.
  var patienceSeconds: Int { pending == nil ? 60 : 4 }
}

/// A scenario that did not end as it has to.
struct ScenarioFailure: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}
