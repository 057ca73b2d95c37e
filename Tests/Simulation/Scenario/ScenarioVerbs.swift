/// The verbs of a scenario.
extension ScenarioTokens {
  /// What has to be at the end; nil if the verb is of something else.
  mutating func expectation() throws(ScenarioFlaw) -> Expectation? {
    switch verb {
    case "expect":
      let file = try storedFile()
      return .lines(try lines(), file: file)
    case "gap": return .gap(try storedGap())
    case "said": return .said(try takeSentence())
    default: return nil
    }
  }

  /// What is done; nil if the verb is of something else.
  mutating func action() throws(ScenarioFlaw) -> Action? {
    if let action = try contentAction() { return action }
    if let action = try nameAction() { return action }
    return try agentAction()
  }

  private mutating func contentAction() throws(ScenarioFlaw) -> Action? {
    switch verb {
    case "append":
      let target = try word("a path")
      let bytes = try bytes()
      return target.first == "@" ? .appendHeld(bytes, to: String(target.dropFirst())) : .append(bytes, to: target)
    case "write":
      let path = try word("a path")
      return .write(try bytes(), to: path)
    case "overwrite":
      let path = try word("a path")
      let offset = try number("an offset")
      return .overwrite(try bytes(), in: path, at: offset)
    case "truncate":
      let path = try word("a path")
      return .truncate(path, to: isEmpty ? 0 : try number("a size"))
    case "hold":
      let name = try word("a name")
      let path = try word("a path")
      guard !isEmpty else { return .hold(path, as: name, isAppending: true) }
      guard try word("how") == "own-offset" else { throw ScenarioFlaw("hold takes a name, a path, and own-offset") }
      return .hold(path, as: name, isAppending: false)
    case "release": return .release(try word("a name"))
    default: return nil
    }
  }

  private mutating func nameAction() throws(ScenarioFlaw) -> Action? {
    if let kind = NewFile(rawValue: verb) { return .make(kind, at: try word("a path")) }
    switch verb {
    case "remove": return .remove(try word("a path"))
    case "gzip": return .gzip(try word("a path"))
    case "recreate":
      let path = try word("a path")
      return .recreate(try bytes(), at: path)
    case "churn":
      let path = try word("a path")
      return .churn(path, count: try number("a count"))
    case "age":
      let path = try word("a path")
      return .age(path, seconds: try number("seconds"))
    case "chmod":
      guard let mode = Int(try word("a mode"), radix: 8) else { throw ScenarioFlaw("a mode is octal") }
      return .chmod(try word("a path"), mode: mode)
    case "move", "copy", "copytruncate", "link", "symlink":
      let path = try word("a path")
      let other = try word("another path")
      switch verb {
      case "move": return .move(path, to: other)
      case "copy": return .copy(path, to: other)
      case "copytruncate": return .copyTruncate(path, to: other)
      case "link": return .link(path, target: other)
      default: return .symlink(path, target: other)
      }
    default: return nil
    }
  }

  private mutating func agentAction() throws(ScenarioFlaw) -> Action? {
    switch verb {
    case "start": .start
    case "launch": .launch
    case "once": .once
    case "stop": .stop
    case "kill": .kill
    case "freeze": .freeze
    case "thaw": .thaw
    case "renumber": .renumberDevices
    case "lock": .lock
    case "unlock": .unlock
    case "pass": .pass(seconds: try number("seconds"))
    case "settle": .settle
    case "until": .until(try lines())
    case "until-gap": .untilGap(try storedGap())
    case "until-said": .untilSaid(try takeSentence())
    default: nil
    }
  }

  /// `app.log`, or `pipeline:app.log`.
  private mutating func storedFile() throws(ScenarioFlaw) -> StoredFile {
    let text = try word("a path")
    guard let colon = text.firstIndex(of: ":") else { return StoredFile(path: text) }
    return StoredFile(pipeline: String(text[..<colon]), path: String(text[text.index(after: colon)...]))
  }

  /// `app.log 4-9 truncated`.
  private mutating func storedGap() throws(ScenarioFlaw) -> StoredGap {
    let file = try storedFile()
    let text = try word("a range")
    let ends = text.split(separator: "-").map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
      throw ScenarioFlaw("\(text) is no range; one is 0-9")
    }
    return StoredGap(file: file, range: first...last, reason: try word("a reason"))
  }

  private mutating func takeSentence() throws(ScenarioFlaw) -> String {
    let text = try sentence()
    while !isEmpty { _ = try content() }
    return text
  }
}
