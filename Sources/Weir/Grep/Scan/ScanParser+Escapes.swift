extension ScanParser {
  /// What follows a backslash outside of a class.
  mutating func escape() throws(Unreadable) -> ScanNode {
    guard let scalar = peek() else { throw Unreadable() }
    switch scalar {
    case "b", "B", "K": return try skipping(.nothing)
    case "A", "G": return try skipping(.start)
    case "z", "Z": return try skipping(.end)
    case "N" where peek(1) != "{": return try skipping(.set(.all))
    // LF is in no line, so that CR LF, the one ending of two characters, is not either.
    case "R": return try skipping(.set(Self.lineEndings))
    case "X": return try skipping(.repeated(.set(.all), least: 1, most: nil))
    case "1"..."9":
      _ = try next()
      // More digits are a group's number or an octal code, by how many groups there are.
      if let digit = peek(), "0"..."9" ~= digit { throw Unreadable() }
      return .anything
    case "g", "k":
      _ = try next()
      return try reference()
    default: break
    }
    if let members = try escapedSet() { return .set(members.maybe) }
    return try literal(try escapedCharacter())
  }

  /// What `\d` and its like have in them, if one is next: in a class or alone.
  mutating func escapedSet() throws(Unreadable) -> ClassMembers? {
    let members: ClassMembers
    switch peek() {
    case "d": members = ClassMembers(.digits)
    case "w": members = ClassMembers(.wordCharacters)
    case "s": members = ClassMembers(.spaces)
    case "h": members = ClassMembers(ScanSet(" "..." ").union(ScanSet("\t"..."\t")))
    case "v": members = ClassMembers(Self.lineEndings)
    case "D": members = ClassMembers(.digits, isInverted: true)
    case "W": members = ClassMembers(.wordCharacters, isInverted: true)
    case "S": members = ClassMembers(.spaces, isInverted: true)
    case "H": members = ClassMembers(ScanSet(" "..." ").union(ScanSet("\t"..."\t")), isInverted: true)
    case "V": members = ClassMembers(Self.lineEndings, isInverted: true)
    case "p", "P":
      _ = try next()
      if try next() == "{" { try take(through: "}") }
      return .unknown
    default: return nil
    }
    _ = try next()
    return members
  }

  /// One character written by a backslash: in a class or alone.
  mutating func escapedCharacter() throws(Unreadable) -> Unicode.Scalar {
    let scalar = try next()
    switch scalar {
    case "a": return "\u{7}"
    case "e": return "\u{1B}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "c":
      let letter = try next()
      guard letter.isASCII else { throw Unreadable() }
      let upper = "a"..."z" ~= letter ? letter.value - 32 : letter.value
      return Unicode.Scalar(UInt8(upper) ^ 0x40)
    case "0": return try coded(octalDigits(atMost: 2), radix: 8)
    case "o":
      guard take("{") else { throw Unreadable() }
      return try coded(String(String.UnicodeScalarView(try take(through: "}"))), radix: 8)
    case "N":
      guard take("{U+") else { throw Unreadable() }
      return try coded(String(String.UnicodeScalarView(try take(through: "}"))), radix: 16)
    case "x":
      if take("{") { return try coded(String(String.UnicodeScalarView(try take(through: "}"))), radix: 16) }
      return try coded(hexDigits(), radix: 16)
    case "0"..."9", "a"..."z", "A"..."Z": throw Unreadable()
    default: return scalar
    }
  }

  private static let lineEndings = ScanSet("\u{B}"..."\r")

  private mutating func skipping(_ node: ScanNode) throws(Unreadable) -> ScanNode {
    _ = try next()
    return node
  }

  /// `\g1`, `\g{-1}`, `\g<name>`, `\k'name'`: what was captured, or a call.
  private mutating func reference() throws(Unreadable) -> ScanNode {
    switch try next() {
    case "{": try take(through: "}")
    case "<": try take(through: ">")
    case "'": try take(through: "'")
    // A number without braces: where it ends is not worth knowing.
    default: throw Unreadable()
    }
    return .anything
  }

  private func coded(_ digits: String, radix: Int) throws(Unreadable) -> Unicode.Scalar {
    // No digits are NUL: "\x" alone, "\0".
    if digits.isEmpty { return "\0" }
    guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value) else { throw Unreadable() }
    return scalar
  }

  private mutating func octalDigits(atMost limit: Int) throws(Unreadable) -> String {
    var digits = ""
    while digits.count < limit, let scalar = peek(), "0"..."7" ~= scalar {
      digits.unicodeScalars.append(try next())
    }
    return digits
  }

  private mutating func hexDigits() throws(Unreadable) -> String {
    var digits = ""
    while digits.count < 2, let scalar = peek(), scalar.properties.isASCIIHexDigit {
      digits.unicodeScalars.append(try next())
    }
    return digits
  }
}
