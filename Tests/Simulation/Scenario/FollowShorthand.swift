/// A config of one pipeline that stores what it follows, as lines of a scenario say it.
struct FollowShorthand {
  private var paths: [String] = []
  private var options: [(key: String, value: String)] = []
  private var isFromEnd = false
  private var grep: String?

  /// - Returns: false if the line is of something else.
  mutating func read(_ tokens: inout ScenarioTokens) throws(ScenarioFlaw) -> Bool {
    switch tokens.verb {
    case "follow": paths += try tokens.words("a path")
    case "exclude": options.append(("exclude", Self.list(try tokens.words("a glob"), below: "")))
    case "rotated": options.append(("rotated", Self.list(try tokens.words("a glob"), below: "${LOGS}/")))
    case "max_line": options.append(("max_line", try tokens.word("a size")))
    case "grep": grep = try tokens.sentence()
    case "from":
      let start = try tokens.word("a place")
      guard ["beginning", "end"].contains(start) else { throw ScenarioFlaw("from is beginning or end") }
      isFromEnd = start == "end"
    default: return false
    }
    return true
  }

  /// nil if nothing is followed.
  var yaml: String? {
    guard !paths.isEmpty else { return nil }
    var yaml = "pipelines:\n  - name: \(StoredFile.defaultPipeline)\n    follow:\n"
    yaml += "      path: \(Self.list(paths, below: "${LOGS}/"))\n"
    yaml += "      from: \(isFromEnd ? "end" : "beginning")\n"
    for (key, value) in options { yaml += "      \(key): \(value)\n" }
    if let grep { yaml += "    grep: \(Self.quoted(grep))\n" }
    return yaml + "    broadcast: sqlite\n"
  }

  private static func list(_ words: [String], below folder: String) -> String {
    "[" + words.map { quoted(folder + $0) }.joined(separator: ", ") + "]"
  }

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
