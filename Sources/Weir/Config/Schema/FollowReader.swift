import SystemPackage

/// Reads `follow:`.
struct FollowReader {
  /// A line longer than this could not be addressed within a batch, and a character must fit.
  static let maxLineBounds = 4...(1 << 30)

  private enum Start: String, CaseIterable { case end, beginning }

  private let reading: ConfigReading

  init(reading: ConfigReading) { self.reading = reading }

  func read(_ node: YAMLNode) -> [FollowPlan] {
    if node.isEmpty {
      reading.problems.add("\"follow\" has no value; name a file", at: node.place)
      return []
    }
    if case .list(let items) = node.content, items.isEmpty {
      reading.problems.add("\"follow\" is empty; name a file", at: node.place)
    }
    return node.items.compactMap { item in
      switch item.content {
      case .mapping: return reading.mapping(item, what: "follow") { readMapping(&$0) } ?? nil
      case .scalar: return paths(item).map { FollowPlan(paths: $0) }
      case .list:
        reading.problems.add("an item of follow must be a path or a mapping, not a list", at: item.place)
        return nil
      case .reported: return nil
      }
    }
  }

  private func readMapping(_ mapping: inout ConfigMapping) -> FollowPlan? {
    let pathNode = mapping.required("path", "an item of follow needs \"path\"")
    let excludeNode = mapping.node("exclude")
    let rotatedNode = mapping.node("rotated")
    let start: FollowPlan.Start =
      switch mapping.choice("from", of: Start.self) {
      case .beginning: .beginning
      case .end, nil: .end
      }
    let maxLineBytes = maxLine(&mapping)
    let poll = mapping.duration("poll")
    for key in ["multiline", "encoding"] { mapping.unavailable(key) }
    let excludes = excludeNode.map { node in
      reading.texts(of: node, what: "\"exclude\"").compactMap {
        ConfigPath.excluded($0, what: "\"exclude\"", problems: reading.problems)
      }
    }
    let rotated = rotatedNode.map { node in
      reading.texts(of: node, what: "\"rotated\"").compactMap {
        ConfigPath.searched($0, what: "\"rotated\"", problems: reading.problems)
      }
    }
    guard let pathNode else { return nil }
    return paths(pathNode).map {
      FollowPlan(
        paths: $0, excludes: excludes ?? [], start: start, maxLineBytes: maxLineBytes ?? 1 << 20,
        rotated: rotated ?? [], poll: poll)
    }
  }

  private func maxLine(_ mapping: inout ConfigMapping) -> Int? {
    guard let bytes = mapping.size("max_line") else { return nil }
    guard Self.maxLineBounds.contains(bytes) else {
      mapping.problem(at: "max_line", "\"max_line\" must be from 4 bytes to 1GiB")
      return nil
    }
    return bytes
  }

  /// Nil where none is right.
  private func paths(_ node: YAMLNode) -> [FilePath]? {
    if case .list(let items) = node.content, items.isEmpty {
      reading.problems.add("\"path\" is empty; name a file", at: node.place)
    }
    let paths = reading.texts(of: node, what: "a path").compactMap {
      ConfigPath.followed($0, what: "a path", problems: reading.problems)
    }
    return paths.isEmpty ? nil : paths
  }
}
