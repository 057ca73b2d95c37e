/// Reads JSON as RFC 8259 has it and nothing more: no repeated key, no lone surrogate, nothing behind the value.
struct StrictJSON {
  enum Value: Equatable {
    case null
    case boolean(Bool)
    /// As it is written.
    case number(String)
    case string(String)
    case list([Value])
    /// In the order of the text.
    case object([Member])
  }

  struct Member: Equatable {
    let key: String
    let value: Value
  }

  private static let nestingLimit = 100

  private var rest: Substring.UnicodeScalarView
  private var depth = 0

  /// - Throws: what is wrong, and what is left from there.
  static func value(of bytes: some Collection<UInt8>) throws(FuzzFinding) -> Value {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw FuzzFinding(description: "not UTF-8") }
    var reader = StrictJSON(rest: text[...].unicodeScalars)
    let value = try reader.value()
    reader.skipBlanks()
    try must(reader.rest.isEmpty, "\(Substring(reader.rest)) behind the value")
    return value
  }

  private mutating func value() throws(FuzzFinding) -> Value {
    depth += 1
    defer { depth -= 1 }
    try must(depth <= Self.nestingLimit, "nested too deeply")
    skipBlanks()
    switch rest.first {
    case "{": return .object(try members())
    case "[": return .list(try items())
    case "\"": return .string(try string())
    case "n": return try word("null", .null)
    case "t": return try word("true", .boolean(true))
    case "f": return try word("false", .boolean(false))
    default: return .number(try number())
    }
  }

  private mutating func members() throws(FuzzFinding) -> [Member] {
    var members: [Member] = []
    rest.removeFirst()
    skipBlanks()
    if take("}") { return members }
    repeat {
      skipBlanks()
      let key = try string()
      try must(!members.contains { $0.key == key }, "key \(key) is repeated")
      skipBlanks()
      try must(take(":"), "no colon before \(Substring(rest))")
      members.append(Member(key: key, value: try value()))
      skipBlanks()
    } while take(",")
    try must(take("}"), "no } before \(Substring(rest))")
    return members
  }

  private mutating func items() throws(FuzzFinding) -> [Value] {
    var items: [Value] = []
    rest.removeFirst()
    skipBlanks()
    if take("]") { return items }
    repeat {
      items.append(try value())
      skipBlanks()
    } while take(",")
    try must(take("]"), "no ] before \(Substring(rest))")
    return items
  }

  private mutating func string() throws(FuzzFinding) -> String {
    try must(take("\""), "no string before \(Substring(rest))")
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": return String(text)
      case "\\": text.append(try escape())
      case "\u{0}"..."\u{1f}": throw FuzzFinding(description: "a control character in a string")
      default: text.append(scalar)
      }
    }
    throw FuzzFinding(description: "a string without an end")
  }

  private mutating func escape() throws(FuzzFinding) -> Unicode.Scalar {
    let escapes: [Unicode.Scalar: Unicode.Scalar] = [
      "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t",
    ]
    guard let letter = rest.popFirst() else { throw FuzzFinding(description: "an escape without an end") }
    guard letter == "u" else {
      guard let scalar = escapes[letter] else { throw FuzzFinding(description: "no escape: \(letter)") }
      return scalar
    }
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard unit < 0xdc00, take("\\"), take("u") else { throw FuzzFinding(description: "half of a surrogate pair") }
    let second = try codeUnit()
    try must((0xdc00...0xdfff).contains(second), "half of a surrogate pair")
    let value = 0x10000 + (UInt32(unit - 0xd800) << 10 | UInt32(second - 0xdc00))
    guard let scalar = Unicode.Scalar(value) else { throw FuzzFinding(description: "no character: \(value)") }
    return scalar
  }

  private mutating func codeUnit() throws(FuzzFinding) -> UInt16 {
    let digits = rest.prefix(4)
    try must(digits.count == 4 && digits.allSatisfy(\.properties.isASCIIHexDigit), "no four digits behind \\u")
    rest = rest.dropFirst(4)
    return UInt16(String(digits), radix: 16) ?? 0
  }

  private mutating func number() throws(FuzzFinding) -> String {
    var text = ""
    if take("-") { text = "-" }
    let whole = digits()
    try must(!whole.isEmpty && (whole == "0" || !whole.hasPrefix("0")), "no number before \(Substring(rest))")
    text += whole
    if take(".") {
      let fraction = digits()
      try must(!fraction.isEmpty, "no digit behind the point")
      text += "." + fraction
    }
    if take("e") || take("E") {
      text += take("-") ? "e-" : take("+") ? "e+" : "e"
      let exponent = digits()
      try must(!exponent.isEmpty, "no digit in the exponent")
      text += exponent
    }
    return text
  }

  private mutating func digits() -> String {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    rest = rest.dropFirst(digits.count)
    return String(digits)
  }

  private mutating func word(_ text: String, _ value: Value) throws(FuzzFinding) -> Value {
    try must(rest.starts(with: text.unicodeScalars), "no value before \(Substring(rest))")
    rest = rest.dropFirst(text.unicodeScalars.count)
    return value
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard rest.first == scalar else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func skipBlanks() {
    rest = rest.drop { " \t\n\r".unicodeScalars.contains($0) }
  }
}
