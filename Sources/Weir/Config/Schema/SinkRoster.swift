/// The sinks of a config: those with names, and those that pipelines use.
final class SinkRoster {
  private struct Named {
    let name: String
    let place: Place
    /// Nil if it is wrong; naming it is no second mistake.
    let choice: SinkChoice?
    var use: Int?
  }
  private struct Used {
    /// Nil: to be made up from the kind.
    let name: String?
    let choice: SinkChoice
  }

  private let reading: ConfigReading
  private let reader: SinkReader
  private var named: [Named] = []
  private var places: [String: Int] = [:]
  private var defaults: [String: Int] = [:]
  private var used: [Used] = []

  init(reading: ConfigReading) {
    self.reading = reading
    reader = SinkReader(reading: reading)
  }

  /// Reads a `sinks:` mapping.
  func declare(_ node: YAMLNode) {
    guard !node.isEmpty else { return }
    switch node.content {
    case .mapping(let entries): entries.forEach(declare)
    case .reported: break
    case .scalar, .list:
      reading.problems.add("\"sinks\" must be a mapping of names to sinks, not \(node.kind)", at: node.place)
    }
  }

  private func declare(_ entry: YAMLEntry) {
    let name = entry.key
    if let problem = ConfigName.problem(with: name) {
      reading.problems.add("a sink's name \(problem)", at: entry.keyPlace)
    } else if reader.kindNames.contains(where: { $0.nameKey == name.nameKey }) {
      reading.problems.add("a sink cannot be named as a kind of sink: \(name.quoted)", at: entry.keyPlace)
    } else if let first = places[name.nameKey] {
      let place = named[first].place.described(from: entry.keyPlace)
      reading.problems.add("sink \(name.quoted) is named already at \(place)", at: entry.keyPlace)
    }
    let choice = reader.read(entry.value, what: "sink \(name.quoted)")
    if places[name.nameKey] == nil {
      places[name.nameKey] = named.count
      named.append(Named(name: name, place: entry.keyPlace, choice: choice))
    }
  }

  /// A sink that a broadcast names; its place among the used ones. Nil if there is none (then reported) or it is wrong.
  func use(_ text: ConfigText) -> Int? {
    let name = text.text
    if let index = places[name.nameKey], named[index].name == name {
      guard let choice = named[index].choice else { return nil }
      if let use = named[index].use { return use }
      let use = add(Used(name: name, choice: choice))
      named[index].use = use
      return use
    }
    if let kind = reading.catalog.kind(named: name) { return useDefault(of: kind, at: text.place) }
    let known = named.map(\.name) + reader.kindNames
    let hint = Suggestion.phrase(for: name, in: known, otherwise: "known here:")
    reading.problems.add("unknown sink \(name.quoted)\(hint)", at: text.place)
    return nil
  }

  /// A sink that a broadcast describes in place.
  func use(_ node: YAMLNode, entries: [YAMLEntry]) -> Int? {
    if let entry = entries.first, entries.count == 1, reading.catalog.kind(named: entry.key) == nil,
      places[entry.key.nameKey] != nil
    {
      reading.problems.add("\(entry.key.quoted) is a sink with its own options; name it alone", at: entry.keyPlace)
      return nil
    }
    guard let choice = reader.read(node, what: "a sink") else { return nil }
    guard choice.options == nil else { return add(Used(name: nil, choice: choice)) }
    if let use = defaults[choice.kind.name] { return use }
    let use = add(Used(name: nil, choice: choice))
    defaults[choice.kind.name] = use
    return use
  }

  /// The recipe of a used sink, and where its options stand.
  func choice(at use: Int) -> SinkChoice { used[use].choice }

  /// The name of a used sink, if it has one in the config.
  func givenName(at use: Int) -> String? { used[use].name }

  /// All used sinks, in the order of their first use. Where several sinks of a kind have no name, the one with defaults
  /// is named by its kind alone, so that its name does not change with its neighbours.
  var plans: [SinkPlan] {
    var taken = TakenNames(named.map(\.name))
    var names = used.map(\.name)
    for (kind, use) in defaults {
      names[use] = kind
      taken.insert(kind)
    }
    return used.indices.map { use in
      let kind = used[use].choice.kind.name
      let name = names[use] ?? taken.firstFree(kind)
      return SinkPlan(name: name, kind: kind, recipe: used[use].choice.recipe)
    }
  }

  private func useDefault(of kind: SinkKind, at place: Place) -> Int {
    if let use = defaults[kind.name] { return use }
    let use = add(Used(name: nil, choice: reader.readDefaults(of: kind, at: place)))
    defaults[kind.name] = use
    return use
  }

  private func add(_ sink: Used) -> Int {
    used.append(sink)
    return used.count - 1
  }
}
