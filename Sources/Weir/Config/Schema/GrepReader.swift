import OrderedCollections

/// Reads `grep:` into rules, each pattern compiled once to see that it can be.
struct GrepReader {
  private(set) var rules: [Rule] = []
  /// Named groups of what is matched for, in order of appearance, each once.
  private(set) var fields: OrderedSet<String> = []
  /// Whether a pattern was refused, so that its fields are not known.
  private(set) var hasBadPattern = false
  private let reading: ConfigReading

  init(reading: ConfigReading) { self.reading = reading }

  /// An absent or empty list selects every line.
  mutating func read(_ node: YAMLNode?) {
    guard let node else { return }
    if node.isEmpty {
      reading.problems.add("\"grep\" has no value; leave it out to select every line", at: node.place)
      return
    }
    let problemCount = reading.problems.count
    for item in node.items { readItem(item) }
    if reading.problems.count > problemCount { hasBadPattern = true }
  }

  private mutating func readItem(_ node: YAMLNode) {
    switch node.content {
    case .scalar:
      let patterns = [reading.text(of: node, what: "a pattern")].compactMap { $0 }
      append(matches: patterns, excludes: []) { Pattern($0) }
    case .mapping:
      _ = reading.mapping(node, what: "grep") { readMapping(&$0) }
    case .list:
      reading.problems.add("an item of grep must be a pattern or a mapping, not a list", at: node.place)
    case .reported:
      hasBadPattern = true
    }
  }

  private mutating func readMapping(_ mapping: inout ConfigMapping) {
    let matches = mapping.node("match")
    let excludes = mapping.node("exclude")
    let ignoresCase = mapping.flag("ignore_case") ?? false
    let isFixed = mapping.flag("fixed") ?? false
    let isWord = mapping.flag("word") ?? false
    mapping.unavailable("before")
    mapping.unavailable("after")
    if matches == nil, excludes == nil {
      reading.problems.add("an item of grep needs \"match\" or \"exclude\"", at: mapping.place)
    }
    append(
      matches: matches.map { reading.texts(of: $0, what: "\"match\"") } ?? [],
      excludes: excludes.map { reading.texts(of: $0, what: "\"exclude\"") } ?? []
    ) { Pattern($0, ignoresCase: ignoresCase, isFixed: isFixed, isWord: isWord) }
  }

  private mutating func append(matches: [ConfigText], excludes: [ConfigText], _ pattern: (String) -> Pattern) {
    var groups: [String] = []
    var rule = Rule()
    for text in matches {
      guard let (compiled, names) = compile(text, pattern) else { continue }
      rule.matches.append(compiled)
      groups += names
    }
    for text in excludes {
      guard let (compiled, _) = compile(text, pattern) else { continue }
      rule.excludes.append(compiled)
    }
    // The empty pattern is in every line; with no groups beside it, nothing is to be looked for.
    if groups.isEmpty, rule.matches.contains(where: { $0.text.isEmpty && !$0.isWord }) { rule.matches = [] }
    fields.append(contentsOf: groups)
    if rule != Rule() { rules.append(rule) }
  }

  private mutating func compile(
    _ source: ConfigText, _ make: (String) -> Pattern
  ) -> (pattern: Pattern, groups: [String])? {
    var text = source.text
    // A line has no line feed in it: the one that ends a block scalar was not meant to be matched.
    if source.isBlock { while text.utf8.last == UInt8(ascii: "\n") { text.removeLast() } }
    let pattern = make(text)
    do {
      return (pattern, try pattern.checkedGroupNames())
    } catch {
      hasBadPattern = true
      reading.problems.add(error.description, at: source.place(ofByte: error.offset))
      return nil
    }
  }
}
