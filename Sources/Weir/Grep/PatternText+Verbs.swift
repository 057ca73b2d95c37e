extension PatternText {
  /// Whether a search by it cannot be taken up again in the middle of a line: it has `\\G`, a verb, or a setting that
  /// tells of where a search starts. In doubt it has.
  static func hasVerb(_ text: String) -> Bool {
    let (settings, rest) = split(text)
    if settings.contains("NOTEMPTY_ATSTART") { return true }
    var reader = VerbReader(rest: rest.utf8)
    return reader.hasVerb()
  }
}

/// Passes over what is text in a pattern: escapes, quotes, classes, comments.
private struct VerbReader {
  var rest: Substring.UTF8View

  mutating func hasVerb() -> Bool {
    guard mayHaveVerb else { return false }
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"):
        if rest.first == UInt8(ascii: "G") { return true }
        skipEscape()
      case UInt8(ascii: "["): skipClass()
      case UInt8(ascii: "("):
        if rest.first == UInt8(ascii: "*") { return true }
        if rest.starts(with: "?#".utf8) {
          skip(through: ")")
        } else if rest.starts(with: "?C".utf8) {
          return true  // its text may be anything
        }
      // A comment, where (?x) is set: its text may be anything.
      case UInt8(ascii: "#"): return true
      default: break
      }
    }
    return false
  }

  /// Most patterns have not.
  private var mayHaveVerb: Bool {
    zip(rest, rest.dropFirst()).contains { first, second in
      first == UInt8(ascii: "(") && second == UInt8(ascii: "*")
        || first == UInt8(ascii: "\\") && second == UInt8(ascii: "G")
    }
  }

  /// Behind a backslash: one character, `\\c` and its, or a quote to its end.
  private mutating func skipEscape() {
    switch rest.popFirst() {
    case UInt8(ascii: "Q"): skip(through: "\\E")
    case UInt8(ascii: "c"): _ = rest.popFirst()
    default: break
    }
  }

  /// Behind `[`. One that seems to end too early leaves a `(*` that is text in doubt.
  private mutating func skipClass() {
    if rest.first == UInt8(ascii: "^") { rest.removeFirst() }
    if rest.first == UInt8(ascii: "]") { rest.removeFirst() }
    while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
      if byte == UInt8(ascii: "\\") { skipEscape() }
    }
  }

  private mutating func skip(through end: String) {
    while !rest.isEmpty, !rest.starts(with: end.utf8) { rest.removeFirst() }
    rest = rest.dropFirst(end.utf8.count)
  }
}
