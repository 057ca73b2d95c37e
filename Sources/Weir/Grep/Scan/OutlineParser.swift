/// Reads a pattern that PCRE2 has compiled, to find which characters every match must have.
///
/// Everything that only narrows a match (look-around, `\b`, possessive and atomic groups) is left out, and every
/// class is anything, for PCRE2 checks it later. Whatever is not known here ends the reading: such a pattern is
/// PCRE2's alone. Grammar: pcre2pattern(3) and pcre2syntax(3), 10.42.
struct OutlineParser {
  /// Something that this reader does not know.
  struct Unreadable: Error {}

  /// What `(?i)` and its like set, until the group ends.
  struct Flags {
    var ignoresCase: Bool
    var isExtended = false
  }

  private let text: [Unicode.Scalar]
  private var place = 0
  private var isQuoted = false
  private var depth = 0
  private(set) var flags: Flags

  /// The outline of `pattern`; nil if there is something in it that is not known here.
  static func outline(of pattern: Pattern) -> PatternOutline? {
    var parser = OutlineParser(pattern)
    do {
      while !pattern.isFixed, parser.take("(*UTF)") || parser.take("(*UCP)") {}
      if pattern.isFixed { return try parser.characters() }
      let outline = try parser.alternatives()
      return parser.place == parser.text.count ? outline : nil
    } catch {
      return nil
    }
  }

  /// All of a fixed string.
  private func characters() throws(Unreadable) -> PatternOutline {
    var nodes: [PatternOutline] = []
    for scalar in text { nodes.append(try literal(scalar)) }
    return .sequence(nodes)
  }

  private init(_ pattern: Pattern) {
    flags = Flags(ignoresCase: pattern.ignoresCase)
    text = Array(pattern.text.unicodeScalars)
  }

  // MARK: Characters of the pattern

  /// The next character, not taken; nil at the end.
  func peek(_ ahead: Int = 0) -> Unicode.Scalar? { place + ahead < text.count ? text[place + ahead] : nil }

  /// Takes the next character.
  mutating func next() throws(Unreadable) -> Unicode.Scalar {
    guard let scalar = peek() else { throw Unreadable() }
    place += 1
    return scalar
  }

  /// Takes `expected` if it is next.
  mutating func take(_ expected: String) -> Bool {
    let scalars = Array(expected.unicodeScalars)
    guard text[place...].starts(with: scalars) else { return false }
    place += scalars.count
    return true
  }

  /// Takes some characters that were peeked at.
  mutating func take(count: Int) { place += count }

  /// Takes everything up to `end` and `end` itself.
  @discardableResult
  mutating func take(through end: Unicode.Scalar) throws(Unreadable) -> ArraySlice<Unicode.Scalar> {
    let start = place
    while try next() != end {}
    return text[start..<place - 1]
  }

  // MARK: Structure

  /// A group's content, up to its parenthesis, which is not taken. Flags set in one alternative hold in the next.
  private mutating func alternatives() throws(Unreadable) -> PatternOutline {
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .either(nodes)
  }

  private mutating func sequence() throws(Unreadable) -> PatternOutline {
    var nodes: [PatternOutline] = []
    while true {
      passOver()
      guard let scalar = peek(), isQuoted || (scalar != "|" && scalar != ")") else { return .sequence(nodes) }
      let node = isQuoted ? try literal(try next()) : try item()
      passOver()
      nodes.append(isQuoted ? node : try quantified(node))
    }
  }

  /// Passes over what stands between items and means nothing: `\Q`, `\E`, comments and the blanks of `(?x)`.
  private mutating func passOver() {
    while place < text.count {
      if isQuoted {
        guard take("\\E") else { return }
        isQuoted = false
      } else if take("\\E") {
        continue
      } else if take("\\Q") {
        isQuoted = true
      } else if peek() == "(", peek(1) == "?", peek(2) == "#" {
        while let scalar = peek(), scalar != ")" { place += 1 }
        place = min(place + 1, text.count)
      } else if flags.isExtended, let scalar = peek(), Self.blanks.contains(scalar) {
        place += 1
      } else if flags.isExtended, peek() == "#" {
        while let scalar = peek(), scalar != "\n" { place += 1 }
      } else {
        return
      }
    }
  }

  private static let blanks: Set<Unicode.Scalar> = [
    "\t", "\n", "\u{B}", "\u{C}", "\r", " ", "\u{85}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}",
  ]

  private mutating func item() throws(Unreadable) -> PatternOutline {
    let scalar = try next()
    switch scalar {
    case "^", "$": return .nothing
    case ".": return .anything
    case "[": return try characterClass()
    case "(": return try group()
    case "\\": return try escape()
    case "*", "+", "?": throw Unreadable()
    default: return try literal(scalar)
    }
  }

  private mutating func quantified(_ node: PatternOutline) throws(Unreadable) -> PatternOutline {
    let bounds: (least: Int, most: Int?)
    switch peek() {
    case "*": bounds = (0, nil)
    case "+": bounds = (1, nil)
    case "?": bounds = (0, 1)
    case "{":
      guard let counted = try counted() else { return node }
      bounds = counted
    default: return node
    }
    place += 1
    // Lazy or possessive: which match is found first, not whether.
    if peek() == "?" || peek() == "+" { place += 1 }
    if bounds.least == 0 { return bounds.most == 1 ? .either([node, .nothing]) : .anything }
    // The first copies stand behind what is in front, the last before what is behind.
    let copies = Array(repeating: node, count: min(bounds.least, 4))
    return .sequence(bounds.least == bounds.most && copies.count == bounds.least ? copies : copies + [.anything])
  }

  /// The bounds of `{n}`, `{n,}` or `{n,m}`, up to the brace; nil if this is a brace and nothing more. Forms that
  /// are one thing to 10.42 and another to later releases are not read.
  private mutating func counted() throws(Unreadable) -> (least: Int, most: Int?)? {
    guard let first = peek(1), first != "," && first != " " && first != "\t" else { throw Unreadable() }
    guard "0"..."9" ~= first else { return nil }
    place += 1
    let least = try number()
    if peek() == "}" { return (least, least) }
    guard take(",") else { throw Unreadable() }
    if peek() == "}" { return (least, nil) }
    let most = try number()
    guard peek() == "}" else { throw Unreadable() }
    return (least, most)
  }

  private mutating func number() throws(Unreadable) -> Int {
    var digits = ""
    while let scalar = peek(), "0"..."9" ~= scalar {
      digits.unicodeScalars.append(scalar)
      place += 1
    }
    guard let number = Int(digits) else { throw Unreadable() }
    return number
  }

  // MARK: Groups

  private mutating func group() throws(Unreadable) -> PatternOutline {
    if peek() == "*" { throw Unreadable() }
    guard take("?") else { return try content() }
    if take(":") || take("|") || take(">") { return try content() }
    if take("=") || take("!") || take("<=") || take("<!") {
      _ = try content()
      return .nothing
    }
    if take("P=") || take("P>") || take("&") {
      try take(through: ")")
      return .anything
    }
    if take("P<") || take("<") {
      guard peek() != "*" else { throw Unreadable() }
      try take(through: ">")
      return try content()
    }
    if take("'") {
      try take(through: "'")
      return try content()
    }
    if peek() == "R" || isCall { return try call() }
    return try setFlags()
  }

  /// `(?1)`, `(?+1)`, `(?-1)`: what is behind the question mark.
  private var isCall: Bool {
    let digit = peek() == "+" || peek() == "-" ? peek(1) : peek()
    return digit.map { "0"..."9" ~= $0 } ?? false
  }

  private mutating func call() throws(Unreadable) -> PatternOutline {
    try take(through: ")")
    return .anything
  }

  private mutating func content() throws(Unreadable) -> PatternOutline {
    let outer = flags
    depth += 1
    defer {
      flags = outer
      depth -= 1
    }
    // PCRE2 takes 250 levels.
    guard depth <= 250 else { throw Unreadable() }
    let node = try alternatives()
    guard take(")") else { throw Unreadable() }
    return node
  }

  /// `(?im-sx)` for the rest of the group, or `(?i:...)`.
  private mutating func setFlags() throws(Unreadable) -> PatternOutline {
    let outer = flags
    var isOn = true
    while true {
      switch try next() {
      case "^": flags = Flags(ignoresCase: false)
      case "-": isOn = false
      case "i": flags.ignoresCase = isOn
      case "x":
        guard peek() != "x" else { throw Unreadable() }
        flags.isExtended = isOn
      // About `.`, `^` and `$`; about numbers, names and laziness.
      case "s", "m", "n", "J", "U": break
      case ")": return .nothing
      case ":":
        let node = try content()
        flags = outer
        return node
      default: throw Unreadable()
      }
    }
  }
}
