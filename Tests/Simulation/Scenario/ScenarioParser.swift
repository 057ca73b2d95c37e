/// Reads a scenario from its text. The format is told in `Tests/README.md`.
struct ScenarioParser {
  private let path: String
  private let lines: [Substring]
  private var index = 0
  private var scenario: Scenario
  private var shorthand = FollowShorthand()
  private var hasConfig = false

  /// - Throws: ``ScenarioError`` with the first thing that is wrong.
  static func parse(_ text: String, path: String, name: String) throws(ScenarioError) -> Scenario {
    var parser = ScenarioParser(text, path: path, name: name)
    return try parser.parse()
  }

  private init(_ text: String, path: String, name: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    scenario = Scenario(name: name)
  }

  private mutating func parse() throws(ScenarioError) -> Scenario {
    while index < lines.count {
      let line = index + 1
      do throws(ScenarioFlaw) { try readLine() } catch { throw ScenarioError(path: path, line: line, text: error.text) }
    }
    do throws(ScenarioFlaw) { try finish() } catch { throw ScenarioError(path: path, line: 1, text: error.text) }
    return scenario
  }

  private mutating func finish() throws(ScenarioFlaw) {
    if scenario.reason.isEmpty { throw ScenarioFlaw("a scenario begins with a comment that says why it is here") }
    if scenario.expectations.isEmpty { throw ScenarioFlaw("nothing is expected") }
    if !hasConfig {
      guard let yaml = shorthand.yaml else { throw ScenarioFlaw("there is neither follow nor config") }
      scenario.config.yaml = yaml
    } else if shorthand.yaml != nil {
      throw ScenarioFlaw("config and follow do not go together")
    }
  }

  private mutating func readLine() throws(ScenarioFlaw) {
    let text = lines[index]
    index += 1
    if text.isEmpty { return }
    if text.first == "#" {
      if scenario.steps.isEmpty, scenario.expectations.isEmpty, shorthand.yaml == nil, !hasConfig {
        scenario.reason += (scenario.reason.isEmpty ? "" : " ") + text.drop { "# ".contains($0) }
      }
      return
    }
    guard text.first != " " else { throw ScenarioFlaw("only what belongs to config, reload and hangup is indented") }
    var tokens = try ScenarioTokens(text)
    if try readHead(&tokens) { return }
    if let expectation = try tokens.expectation() {
      scenario.expectations.append(expectation)
    } else if tokens.verb == "reload" {
      let isTaken = tokens.isEmpty
      if !isTaken, try tokens.word("refused") != "refused" { throw ScenarioFlaw("reload takes nothing, or refused") }
      let config = Configuration(yaml: try block(), database: scenario.config.database)
      append(.reload(config, isTaken: isTaken))
    } else if tokens.verb == "hangup" {
      append(.hangUp(Configuration(yaml: try block(), database: scenario.config.database)))
    } else if let action = try tokens.action() {
      append(action)
    } else {
      throw ScenarioFlaw("\(tokens.verb) is no verb")
    }
    try tokens.end()
  }

  private mutating func append(_ action: Action) {
    scenario.steps.append(Scenario.Step(line: index, action: action))
  }

  /// What stands before the steps. - Returns: false if it is something else.
  private mutating func readHead(_ tokens: inout ScenarioTokens) throws(ScenarioFlaw) -> Bool {
    switch tokens.verb {
    case "pending": scenario.pending = try tokens.sentence()
    case "skip":
      guard let kind = StageKind(rawValue: try tokens.word("a stage")) else {
        throw ScenarioFlaw("a stage is kernel or simulator")
      }
      scenario.skips[kind] = try tokens.words("a reason").joined(separator: " ")
    case "files": scenario.openFilesLimit = try tokens.number("a number")
    case "database": scenario.config.database = try tokens.word("a path")
    case "config":
      hasConfig = true
      scenario.config.yaml = try block()
    default:
      guard try shorthand.read(&tokens) else { return false }
    }
    guard scenario.steps.isEmpty else { throw ScenarioFlaw("\(tokens.verb) stands before the steps") }
    return true
  }

  /// The indented lines that follow, without their indentation.
  private mutating func block() throws(ScenarioFlaw) -> String {
    var text = ""
    while index < lines.count, lines[index].hasPrefix("  ") {
      text += lines[index].dropFirst(2) + "\n"
      index += 1
    }
    guard !text.isEmpty else { throw ScenarioFlaw("an indented config is missing") }
    return text
  }
}
