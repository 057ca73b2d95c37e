import SystemPackage

/// Names of pipelines and sinks.
enum ConfigName {
  /// The store's own tables, indices and views: a pipeline's view would stand in their place.
  static var storeNames: Set<String> { Schema.reservedNames }

  /// Names that begin so are SQLite's own.
  private static let sqlitePrefix = "sqlite_"

  /// Why no pipeline or sink can be named so, as the end of a sentence; nil if one can.
  static func problem(with name: String) -> String? {
    if name.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return "must not be empty" }
    if name.unicodeScalars.contains(where: \.isHarmful) { return "must not hold control characters" }
    return nil
  }

  /// Why no pipeline can be named so; nil if one can.
  static func pipelineProblem(with name: String) -> String? {
    if let problem = problem(with: name) { return "a pipeline's name \(problem)" }
    let folded = name.nameKey
    if storeNames.contains(folded) {
      return "a pipeline cannot be named \(name.quoted): the database has a table or view of that name"
    }
    return folded.hasPrefix(sqlitePrefix) ? "a pipeline's name cannot begin with \(sqlitePrefix.quoted)" : nil
  }

  /// A pipeline's name from the file it follows and what it looks for: `syslog_error`.
  static func madeUp(for follow: [FollowPlan], rules: [Rule]) -> String {
    let file = follow.first?.paths.first.map { slug(ofFile: $0.string) } ?? "pipeline"
    let filter = rules.first.flatMap { rule in
      rule.matches.first.map(slug) ?? rule.excludes.first.map { "not_" + slug(of: $0) }
    }
    let name = [file, filter].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "_")
    return name.hasPrefix(sqlitePrefix) ? "log_\(name)" : name
  }

  private static func slug(ofFile path: String) -> String {
    if path == "-" { return "stdin" }
    for component in path.split(separator: "/").reversed() {
      let stem = component.lastIndex(of: ".").map { component[..<$0] } ?? component
      let name = words(of: stem.isEmpty ? component : stem).joined(separator: "_")
      guard let first = name.first else { continue }
      return first.isNumber || storeNames.contains(name) ? "log_\(name)" : name
    }
    return "pipeline"
  }

  /// The first words that the pattern looks for literally.
  private static func slug(of pattern: Pattern) -> String {
    let limit = 3
    let text = pattern.isFixed ? pattern.text : literalText(of: pattern.text)
    return words(of: text).prefix(limit).map { String($0.prefix(20)) }.joined(separator: "_")
  }

  private static func words(of text: some StringProtocol) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// The pattern with escapes, classes, group names and counts replaced by spaces.
  private static func literalText(of pattern: String) -> String {
    var text = ""
    var rest = pattern[...]
    func skip(through end: Character) {
      rest = rest.firstIndex(of: end).map { rest[rest.index(after: $0)...] } ?? ""
    }
    while let character = rest.popFirst() {
      switch character {
      case "\\":
        _ = rest.popFirst()
        text += " "
      case "[":
        if rest.first == "]" { rest = rest.dropFirst() }
        skip(through: "]")
        text += " "
      case "{":
        skip(through: "}")
        text += " "
      case "(" where rest.first == "?":
        let isNamed = rest.hasPrefix("?<") || rest.hasPrefix("?P<")
        if isNamed, !rest.hasPrefix("?<="), !rest.hasPrefix("?<!") { skip(through: ">") }
        text += " "
      default: text.append(character)
      }
    }
    return text
  }
}
