import SystemPackage

extension PipelinePlan {
  /// Tells the same follow and grep, whatever the pipeline is called and wherever it broadcasts to: 16 hexadecimal
  /// digits.
  ///
  /// Stored in databases, so it stays the same from version to version: an option that comes later counts only where it
  /// is not at its default. Of the grep it is the trunk's: branches are about where lines go. How files are looked for
  /// and at (`rotated`, `poll`) says nothing of which lines they have, and does not count.
  public var fingerprint: String {
    var text = FingerprintText()
    for item in follow {
      text.add("follow", "")
      for path in item.paths { text.add("path", path.string) }
      for path in item.excludes { text.add("exclude", path.string) }
      switch item.start {
      case .end: text.add("from", "end")
      case .beginning: text.add("from", "beginning")
      case .lastLines(let count): text.add("from", "\(count)")
      }
      text.add("max_line", "\(item.maxLineBytes)")
    }
    for rule in trunk.rules {
      text.add("rule", "")
      for pattern in rule.matches { text.add("match", pattern) }
      for pattern in rule.excludes { text.add("exclude", pattern) }
    }
    return text.hash
  }
}

/// What is hashed: each part with its length, so that no two plans have the same text.
private struct FingerprintText {
  private var bytes: [UInt8] = []

  mutating func add(_ key: String, _ value: String) { bytes += Array("\(key) \(value.utf8.count) \(value)\n".utf8) }

  mutating func add(_ key: String, _ pattern: Pattern) {
    let ways = [pattern.ignoresCase, pattern.isFixed, pattern.isWord].map { $0 ? "1" : "0" }.joined()
    add(key + ways, pattern.text)
  }

  var hash: String {
    let digits = String(bytes.withUnsafeBytes { Fingerprint(of: $0).hash }, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
