/// A text file of the project, as the rules see it.
struct SourceFile: Sendable {
  /// Relative to the project's folder: `Sources/Weir/Agent.swift`.
  let path: String
  let lines: [Substring]
  /// The lines of a Swift file with comments and the text of strings blanked; empty for other files.
  let code: [[Token]]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    code = path.hasSuffix(".swift") ? Masking.mask(text).map(Token.tokens(in:)) : []
  }

  var name: Substring { path.split(separator: "/").last ?? "" }
  var isSwift: Bool { path.hasSuffix(".swift") }
  var isTest: Bool { path.hasPrefix("Tests/") }

  /// The room of the agent that it is in: `Grep` for `Sources/Weir/Grep/Scan.swift`; nil outside all rooms.
  var room: Substring? {
    let parts = path.split(separator: "/")
    return parts.count > 3 && parts[0] == "Sources" && parts[1] == "Weir" ? parts[2] : nil
  }

  func finding(line: Int, _ message: String) -> Finding { Finding(path: path, line: line, message: message) }
}

/// A breach of a rule, as a compiler would print it.
struct Finding: CustomStringConvertible, Equatable {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// A word or a sign of Swift code.
struct Token: Equatable, Sendable, CustomStringConvertible {
  let text: Substring
  /// Whether a `.` stands directly before it: a member, not a name of its own.
  let isMember: Bool

  var description: String { String(text) }
  var isWord: Bool { Self.isOfWord(text.utf8.first ?? 0) }

  static func == (token: Token, text: String) -> Bool { token.text == text }

  static func tokens(in line: Substring) -> [Token] {
    var tokens: [Token] = []
    var rest = line.utf8[...]
    var last: UInt8 = 0
    while let byte = rest.first {
      let end = isOfWord(byte) ? rest.firstIndex { !isOfWord($0) } ?? rest.endIndex : rest.index(after: rest.startIndex)
      if byte != UInt8(ascii: " ") {
        tokens.append(Token(text: Substring(rest[..<end]), isMember: last == UInt8(ascii: ".")))
      }
      last = byte
      rest = rest[end...]
    }
    return tokens
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...: true
    default: false
    }
  }
}
