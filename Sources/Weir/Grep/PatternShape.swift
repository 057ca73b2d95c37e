/// What the text of a pattern says of how it is searched in a long line.
enum PatternShape {
  /// Whether a search from one start takes no longer than some passes over the line, whatever is in it, and may be
  /// taken up again at another start. Rather no than yes: it is told without parsing, by what the text has no more than
  /// one of, or none at all.
  ///
  /// Two repeats, one in or behind the other, may pass over the line once for each of its bytes; so may references to
  /// groups. A search that is taken up again is another one for `\G`, and for verbs such as `(*SKIP)`.
  static func isSearchedInWindows(_ text: String) -> Bool {
    let bytes = Array(text.utf8) + [0, 0, 0]
    var repeats = 0
    var index = 0
    while index < bytes.count - 3 {
      switch (bytes[index], bytes[index + 1], bytes[index + 2]) {
      case (UInt8(ascii: "\\"), let escaped, let next):
        if isReference(escaped) { return false }
        index += 2
        // \p{L}, \x{41}: that brace is no repeat.
        if next == UInt8(ascii: "{"), isBraced(escaped) { index += 1 }
        continue
      case (UInt8(ascii: "("), UInt8(ascii: "*"), _): return false
      case (UInt8(ascii: "("), UInt8(ascii: "?"), let kind) where isReference(afterQuestionMark: kind): return false
      case (UInt8(ascii: "*"), _, _), (UInt8(ascii: "+"), _, _), (UInt8(ascii: "{"), _, _): repeats += 1
      default: break
      }
      index += 1
    }
    return repeats < 2
  }

  /// `\1`, `\g`, `\k`; and `\G`, and `\Q`, behind which nothing means what it does elsewhere.
  private static func isReference(_ escaped: UInt8) -> Bool {
    (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(escaped) || "gkGQ".utf8.contains(escaped)
  }

  /// `(?R)`, `(?1)`, `(?-1)`, `(?&name)`, `(?P>name)`, `(?(1)...)`; and all that begins like that.
  private static func isReference(afterQuestionMark kind: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(kind) || "R+-&P(C".utf8.contains(kind)
  }

  private static func isBraced(_ escaped: UInt8) -> Bool { "pPxoN".utf8.contains(escaped) }
}
