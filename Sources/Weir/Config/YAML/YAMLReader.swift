/// Makes nodes of libyaml's events: anchors and merge keys resolved, what YAML leaves open refused.
struct YAMLReader {
  /// Nodes that all aliases of a file may stand for together. Some hundred pipelines that share their lists of
  /// patterns stay far below; an alias bomb is beyond it after a few levels.
  static let aliasedNodesLimit = 100_000

  /// A node and what an alias to it costs.
  private struct Built {
    let node: YAMLNode
    /// How many nodes it is, with everything in it.
    var weight = 1
    /// Levels of collections.
    var height = 0
  }

  private let source: SourceText
  private let problems: Problems
  private let events: [YAMLEvent]
  private var next = 0
  private var anchors: [String: Built] = [:]
  private var anchorNames: [String] = []
  private var openAnchors: [String] = []
  private var aliasedNodes = 0

  private init(source: SourceText, problems: Problems, events: [YAMLEvent]) {
    self.source = source
    self.problems = problems
    self.events = events
  }

  /// The root of the text's only document; nil where there is none, or what is wrong left nothing to read
  /// (then reported).
  static func read(_ source: SourceText, problems: Problems) -> YAMLNode? {
    do throws(YAMLFailure) {
      let events = try YAMLEvents(of: source).events
      var reader = YAMLReader(source: source, problems: problems, events: events)
      return try reader.document()
    } catch {
      problems.add(advised(error, in: source), at: source.place(error.position..<error.position))
      return nil
    }
  }

  private mutating func document() throws(YAMLFailure) -> YAMLNode? {
    guard !events.isEmpty else { return nil }
    next = 1
    let root = try node(depth: 0).node
    if next < events.count {
      problems.add("a second document; a config is one", at: source.place(events[next].range))
    }
    return root.isEmpty ? nil : root
  }

  private mutating func node(depth: Int) throws(YAMLFailure) -> Built {
    let event = events[next]
    next += 1
    if case .alias(let name) = event.kind { return try alias(name, at: event.range, depth: depth) }
    if let anchor = event.anchor { openAnchors.append(anchor) }
    let hasGoodTag = checkTag(of: event)
    var built: Built
    switch event.kind {
    case .scalar(let value, let style):
      let place = source.place(contentStart(of: event)..<event.range.upperBound)
      let scalar = YAMLScalar(value: value, style: style, place: place)
      built = Built(node: YAMLNode(content: .scalar(scalar), place: place))
    case .listStart(let isFlow): built = try list(from: event, isFlow: isFlow, depth: depth)
    case .mappingStart(let isFlow): built = try mapping(from: event, isFlow: isFlow, depth: depth)
    case .documentStart, .alias, .end:
      throw YAMLFailure(message: "a value is missing", position: event.range.lowerBound)
    }
    if !hasGoodTag { built = Built(node: YAMLNode(content: .reported, place: built.node.place)) }
    if let anchor = event.anchor {
      openAnchors.removeLast()
      if anchors.updateValue(built, forKey: anchor) == nil { anchorNames.append(anchor) }
    }
    return built
  }

  private mutating func alias(_ name: String, at range: Range<Int>, depth: Int) throws(YAMLFailure) -> Built {
    let place = source.place(range)
    guard let target = anchors[name] else {
      let isOpen = openAnchors.contains(name)
      let hint = Suggestion.phrase(for: name, in: anchorNames)
      problems.add(
        isOpen ? "alias \(name.quoted) stands within its own value" : "unknown alias \(name.quoted)\(hint)", at: place)
      return Built(node: YAMLNode(content: .reported, place: place))
    }
    aliasedNodes += target.weight
    guard aliasedNodes <= Self.aliasedNodesLimit else {
      throw YAMLFailure(
        message: "aliases stand for too much: \(Self.aliasedNodesLimit) values at most", position: range.lowerBound)
    }
    guard depth + target.height <= YAMLEvents.nestingLimit else {
      throw YAMLFailure(
        message: "nested too deeply: \(YAMLEvents.nestingLimit) levels at most", position: range.lowerBound)
    }
    return Built(
      node: YAMLNode(content: target.node.content, place: place), weight: target.weight, height: target.height)
  }

  private mutating func list(from event: YAMLEvent, isFlow: Bool, depth: Int) throws(YAMLFailure) -> Built {
    var items: [YAMLNode] = []
    var weight = 1
    var height = 0
    while !isAtEnd {
      let item = try node(depth: depth + 1)
      items.append(item.node)
      weight += item.weight
      height = max(height, item.height)
    }
    let place = collectionPlace(from: event, isFlow: isFlow)
    return Built(node: YAMLNode(content: .list(items), place: place), weight: weight, height: height + 1)
  }

  private mutating func mapping(from event: YAMLEvent, isFlow: Bool, depth: Int) throws(YAMLFailure) -> Built {
    var merge = YAMLMerge(problems: problems)
    var weight = 1
    var height = 0
    while !isAtEnd {
      let key = try node(depth: depth + 1)
      let value = try node(depth: depth + 1)
      weight += key.weight + value.weight
      height = max(height, key.height, value.height)
      merge.add(key: key.node, value: value.node)
    }
    let place = collectionPlace(from: event, isFlow: isFlow)
    return Built(node: YAMLNode(content: .mapping(merge.entries), place: place), weight: weight, height: height + 1)
  }

  /// Whether the next event ends the collection; takes it if so.
  private var isAtEnd: Bool {
    mutating get {
      guard case .end = events[next].kind else { return false }
      next += 1
      return true
    }
  }

  /// A flow collection as a whole; of a block collection, where it begins.
  private func collectionPlace(from event: YAMLEvent, isFlow: Bool) -> Place {
    let start = contentStart(of: event)
    return source.place(start..<(isFlow ? max(start, events[next - 1].range.upperBound) : start))
  }

  /// Where the value itself begins, behind its anchor and tag.
  private func contentStart(of event: YAMLEvent) -> Int {
    guard event.anchor != nil || event.tag != nil else { return event.range.lowerBound }
    let scalars = source.scalars
    let end = min(max(event.range.upperBound, event.range.lowerBound), scalars.count)
    var index = event.range.lowerBound
    func skip(while condition: (Unicode.Scalar) -> Bool) {
      while index < end, condition(scalars[index]) { index += 1 }
    }
    while index < end, scalars[index] == "&" || scalars[index] == "!" {
      skip { !$0.properties.isWhitespace }
      skip { $0.properties.isWhitespace }
      while index < end, scalars[index] == "#" {
        skip { $0 != "\n" }
        skip { $0.properties.isWhitespace }
      }
    }
    return index
  }

  /// Tags that say what the value is anyway are taken; any other would change its meaning.
  private func checkTag(of event: YAMLEvent) -> Bool {
    guard let tag = event.tag else { return true }
    let known: String
    switch event.kind {
    case .scalar: known = "str"
    case .listStart: known = "seq"
    default: known = "map"
    }
    if tag == "!" || tag == "tag:yaml.org,2002:\(known)" { return true }
    let shown = tag.hasPrefix("tag:yaml.org,2002:") ? "!!" + tag.dropFirst("tag:yaml.org,2002:".count) : tag
    // The tag may stand before or behind the anchor, and an anchor holds no `!`.
    let properties = source.scalars[event.range.lowerBound..<contentStart(of: event)]
    let start = properties.firstIndex(of: "!") ?? event.range.lowerBound
    let end = properties[start...].firstIndex(where: \.properties.isWhitespace) ?? start
    problems.add("unknown tag \(shown.quoted)", at: source.place(start..<end))
    return false
  }

  /// What libyaml says, with what a person can do where the reason is a common one.
  private static func advised(_ failure: YAMLFailure, in source: SourceText) -> String {
    guard failure.message.hasPrefix("found character that cannot start any token"),
      failure.position < source.scalars.count
    else { return failure.message }
    let scalar = source.scalars[failure.position]
    if scalar == "\t" { return "a tab cannot indent YAML; use spaces" }
    return "a value cannot begin with \(String(scalar).quoted); put it in single quotes"
  }
}
