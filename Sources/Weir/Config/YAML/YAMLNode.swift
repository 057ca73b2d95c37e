/// A value of a config file, and where it stands.
struct YAMLNode {
  enum Content {
    case scalar(YAMLScalar)
    case list([YAMLNode])
    case mapping([YAMLEntry])
    /// Was wrong and has been reported: readers pass over it.
    case reported
  }

  let content: Content
  /// Where an error about it points: an alias where it was reached through one.
  let place: Place

  /// Whether it was left empty, as after `grep:`.
  var isEmpty: Bool {
    if case .scalar(let scalar) = content { return scalar.style == .plain && scalar.value.isEmpty }
    return false
  }

  /// What it is, for an error about something else having been expected.
  var kind: String {
    switch content {
    case .scalar: isEmpty ? "nothing" : "text"
    case .list: "a list"
    case .mapping: "a mapping"
    case .reported: "an error"
    }
  }

  /// A list's items; any other value is a list of one.
  var items: [YAMLNode] {
    if case .list(let items) = content { return items }
    return [self]
  }
}

/// A key of a mapping and its value.
struct YAMLEntry {
  let key: String
  let keyPlace: Place
  let value: YAMLNode
}

/// A scalar before the environment is filled in.
struct YAMLScalar {
  enum Style { case plain, singleQuoted, doubleQuoted, literal, folded }

  let value: String
  let style: Style
  /// From its first quote, block indicator or character to its end, wherever it is used.
  let place: Place
}
