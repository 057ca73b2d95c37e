/// Gathers a mapping's entries: refuses repeated keys, lets `<<` fill in what the mapping does not say itself.
struct YAMLMerge {
  private let problems: Problems
  private var own: [YAMLEntry] = []
  private var places: [String: Place] = [:]
  private var merged: [YAMLEntry] = []

  init(problems: Problems) { self.problems = problems }

  /// The mapping's own entries, then those merged in: of two merged mappings, the first one's.
  var entries: [YAMLEntry] {
    var taken = Set(places.keys)
    return own + merged.filter { taken.insert($0.key).inserted }
  }

  mutating func add(key node: YAMLNode, value: YAMLNode) {
    guard case .scalar(let scalar) = node.content else {
      if case .reported = node.content { return }
      problems.add("a key must be text, not \(node.kind)", at: node.place)
      return
    }
    let key = scalar.value
    if let first = places[key] {
      problems.add(
        "key \(key.quoted) is repeated; it stands already at \(first.described(from: node.place))",
        at: node.place)
      return
    }
    places[key] = node.place
    if key == "<<", scalar.style == .plain {
      merge(value)
    } else {
      own.append(YAMLEntry(key: key, keyPlace: node.place, value: value))
    }
  }

  private mutating func merge(_ value: YAMLNode) {
    for item in value.items {
      switch item.content {
      case .mapping(let entries): merged += entries
      case .reported: break
      default: problems.add("\"<<\" takes a mapping or a list of mappings, not \(item.kind)", at: item.place)
      }
    }
  }
}
