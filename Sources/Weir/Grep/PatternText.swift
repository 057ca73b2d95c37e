/// Makes the text that PCRE2 compiles from the text that a user wrote.
enum PatternText {
  /// Settings that count only at the very start of a pattern: see pcre2pattern(3), "Special start-of-pattern items".
  private static let settings = [
    "UTF", "UCP", "NOTEMPTY", "NOTEMPTY_ATSTART", "NO_AUTO_POSSESS", "NO_DOTSTAR_ANCHOR", "NO_JIT", "NO_START_OPT",
    "LIMIT_HEAP", "LIMIT_MATCH", "LIMIT_DEPTH", "CR", "LF", "CRLF", "ANYCRLF", "ANY", "NUL", "BSR_ANYCRLF",
    "BSR_UNICODE",
  ]

  /// `text` as a pattern that matches just that text: every ASCII character that could mean something is escaped.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      if scalar.isASCII, !isPlain(scalar) { escaped.unicodeScalars.append("\\") }
      escaped.unicodeScalars.append(scalar)
    }
    return escaped
  }

  /// Control characters, letters, digits and `_`.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\0"..<" ", "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  /// `text` between places that are not inside a word, as `grep -w`; the settings at its start stay there. `\E` ends
  /// a `\Q` that the text left open and is nothing otherwise.
  static func word(_ text: String) -> String {
    let (settings, rest) = split(text)
    return "\(settings)(?<!\\w)(?:\(rest)\\E)(?!\\w)"
  }

  /// The settings at the start of `text`, and what is behind them.
  static func split(_ text: String) -> (settings: Substring, rest: Substring) {
    var rest = text.utf8[...]
    while rest.starts(with: "(*".utf8), let end = rest.firstIndex(of: UInt8(ascii: ")")) {
      let name = rest[..<end].dropFirst(2).prefix { $0 != UInt8(ascii: "=") }
      guard settings.contains(String(Substring(name))) else { break }
      rest = rest[rest.index(after: end)...]
    }
    return (text[..<rest.startIndex], Substring(rest))
  }
}
