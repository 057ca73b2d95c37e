/// A sink as one place of a config describes it.
struct SinkChoice {
  let kind: SinkKind
  let recipe: any SinkRecipe
  /// Where the options stand; nil where the kind is named alone, so that all such are one sink.
  let options: YAMLNode?
}

/// Reads a kind of sink and its options. Knows no kind itself: the catalogue does.
struct SinkReader {
  private let reading: ConfigReading

  init(reading: ConfigReading) { self.reading = reading }

  /// Names of the kinds, in the order of the catalogue.
  var kindNames: [String] { reading.catalog.kinds.map(\.name) }

  /// `printer` or `{ printer: { ... } }`; nil if it is neither (then reported).
  func read(_ node: YAMLNode, what: String) -> SinkChoice? {
    switch node.content {
    case .reported: return nil
    case .list:
      reading.problems.add("\(what) must be a kind of sink, not a list", at: node.place)
      return nil
    case .mapping(let entries): return read(entries, at: node.place, what: what)
    case .scalar:
      if node.isEmpty {
        reading.problems.add("\(what) has no kind; kinds are \(kindNames.joined(separator: ", "))", at: node.place)
        return nil
      }
      guard let text = reading.text(of: node, what: what) else { return nil }
      guard let kind = reading.catalog.kind(named: text.text) else {
        reportUnknown(text.text, at: text.place)
        return nil
      }
      return readDefaults(of: kind, at: node.place)
    }
  }

  /// The kind with nothing said about it. What its reader misses is reported at `place`.
  func readDefaults(of kind: SinkKind, at place: Place) -> SinkChoice {
    var options = ConfigMapping(entries: [], name: kind.name, place: place, reading: reading)
    return SinkChoice(kind: kind, recipe: kind.read(&options), options: nil)
  }

  private func read(_ entries: [YAMLEntry], at place: Place, what: String) -> SinkChoice? {
    let known = entries.filter { reading.catalog.kind(named: $0.key) != nil }
    guard let entry = known.first, let kind = reading.catalog.kind(named: entry.key) else {
      if entries.isEmpty {
        reading.problems.add("\(what) has no kind; kinds are \(kindNames.joined(separator: ", "))", at: place)
      }
      for entry in entries { reportUnknown(entry.key, at: entry.keyPlace) }
      return nil
    }
    for other in known.dropFirst() {
      reading.problems.add("\(what) has two kinds: \(entry.key.quoted) and \(other.key.quoted)", at: other.keyPlace)
    }
    for other in entries where reading.catalog.kind(named: other.key) == nil {
      reading.problems.add(
        "unknown key \(other.key.quoted) beside \(entry.key.quoted); its options stand within it", at: other.keyPlace)
    }
    if entry.value.isEmpty || entry.value.isEmptyMapping { return readDefaults(of: kind, at: entry.keyPlace) }
    return reading.mapping(entry.value, what: kind.name) { options in
      SinkChoice(kind: kind, recipe: kind.read(&options), options: entry.value)
    }
  }

  private func reportUnknown(_ name: String, at place: Place) {
    let hint = Suggestion.phrase(for: name, in: kindNames, otherwise: "kinds are")
    reading.problems.add("unknown kind of sink \(name.quoted)\(hint)", at: place)
  }
}

extension YAMLNode {
  fileprivate var isEmptyMapping: Bool {
    if case .mapping(let entries) = content { return entries.isEmpty }
    return false
  }
}
