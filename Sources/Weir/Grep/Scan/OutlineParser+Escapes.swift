extension OutlineParser {
  /// What follows a backslash outside of a class.
  mutating func escape() throws(Unreadable) -> PatternOutline {
    guard let scalar = peek() else { throw Unreadable() }
    switch scalar {
    case "b", "B", "K", "A", "G", "z", "Z": return try skipping(.nothing)
    case "d", "D", "w", "W", "s", "S", "h", "H", "v", "V", "R", "X": return try skipping(.anything)
    case "N" where peek(1) != "{": return try skipping(.anything)
    case "p", "P":
      take(count: 1)
      if try next() == "{" { try take(through: "}") }
      return .anything
    case "1"..."9":
      take(count: 1)
      // More digits are a group's number or an octal code, by how many groups there are.
      if let digit = peek(), "0"..."9" ~= digit { throw Unreadable() }
      return .anything
    case "g", "k":
      take(count: 1)
      return try reference()
    default: return try literal(try escapedCharacter())
    }
  }

  /// One character written by a backslash.
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

  private mutating func skipping(_ outline: PatternOutline) throws(Unreadable) -> PatternOutline {
    take(count: 1)
    return outline
  }

  /// `\g1`, `\g{-1}`, `\g<name>`, `\k'name'`: what was captured, or a call.
  private mutating func reference() throws(Unreadable) -> PatternOutline {
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
