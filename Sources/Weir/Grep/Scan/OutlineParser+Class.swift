extension OutlineParser {
  /// A character that stands for itself, and for what is equal to it where case is ignored.
  func literal(_ scalar: Unicode.Scalar) throws(Unreadable) -> PatternOutline {
    // No line has it: let PCRE2 say so.
    guard scalar != "\n" else { throw Unreadable() }
    // Vectorscan takes no literal that begins with NUL.
    guard scalar != "\0" else { return .anything }
    guard flags.ignoresCase else { return .character([Array(scalar.utf8)], ignoresCase: false) }
    let ways = CasePartners.all(of: scalar).filter { !("A"..."Z" ~= $0) }
    return .character(ways.map { Array($0.utf8) }, ignoresCase: true)
  }

  /// A class, behind its opening bracket: only its end matters.
  mutating func characterClass() throws(Unreadable) -> PatternOutline {
    // PCRE2 passes over both, and what comes then may be the `^`, or a bracket that is a member.
    if take("\\E") || take("\\Q") { throw Unreadable() }
    _ = take("^")
    var isQuoted = false
    // A bracket that comes first is a member.
    var isFirst = true
    while true {
      if isQuoted ? take("\\E") : take("\\Q") {
        isQuoted.toggle()
      } else if isQuoted {
        isFirst = false
        _ = try next()
      } else if take("\\E") {
        continue
      } else if !isFirst, take("]") {
        return .anything
      } else {
        isFirst = false
        try classItem()
      }
    }
  }

  private mutating func classItem() throws(Unreadable) {
    switch try next() {
    case "\\":
      switch try next() {
      case "c": _ = try next()  // `\c]` is one character
      case "Q": throw Unreadable()  // `\Q]\E`
      default: break
      }
    // `[[:<:]]` and `[[:>:]]` are no classes, but where a word begins and ends.
    case "[" where peek() == ":" && (peek(1) == "<" || peek(1) == ">"): throw Unreadable()
    case "[" where peek() == ":":
      // `[:alpha:]`, or a bracket and a colon.
      var ahead = 1
      while let scalar = peek(ahead), "a"..."z" ~= scalar || scalar == "^" { ahead += 1 }
      if peek(ahead) == ":", peek(ahead + 1) == "]" { take(count: ahead + 2) }
    case "[" where peek() == "." || peek() == "=": throw Unreadable()
    default: break
    }
  }
}
