/// A word of a step that stands for bytes.
///
/// `one` is a line; `a1..a100` a hundred; `x*20` a line of twenty; `"no end"` these very bytes, without a terminator,
/// and with the escapes `\n \r \t \0 \" \\ \xff`; `"\0"*600` six hundred of them.
struct ContentWord: Equatable {
  var bytes: [UInt8]
  /// Whether a LF comes behind it in a file.
  var isLine: Bool

  /// What words are in a file.
  static func content(_ words: [ContentWord]) -> [UInt8] {
    var bytes: [UInt8] = []
    for word in words {
      bytes += word.bytes
      if word.isLine { bytes.append(0x0a) }
    }
    return bytes
  }

  /// Reads the words of a bare text: one, or as many as a range has.
  static func bare(_ text: Substring) -> [ContentWord]? {
    if let range = text.firstRange(of: "..") {
      guard let texts = expand(text[..<range.lowerBound], text[range.upperBound...]) else { return nil }
      return texts.map { ContentWord(bytes: Array($0.utf8), isLine: true) }
    }
    let (unit, count) = repetition(text)
    return [ContentWord(bytes: repeating(Array(unit.utf8), count), isLine: true)]
  }

  /// Long lines are of one byte: these are made at once.
  static func repeating(_ unit: [UInt8], _ count: Int) -> [UInt8] {
    unit.count == 1 ? Array(repeating: unit[0], count: count) : Array(repeatElement(unit, count: count).joined())
  }

  /// `x*20`: what comes how often.
  static func repetition(_ text: Substring) -> (unit: Substring, count: Int) {
    guard let star = text.lastIndex(of: "*"), star != text.startIndex, let count = Int(text[text.index(after: star)...])
    else { return (text, 1) }
    return (text[..<star], count)
  }

  /// `a01..a10`: the numbers between, as wide as the first if that begins with 0.
  private static func expand(_ first: Substring, _ last: Substring) -> [String]? {
    let prefix = first.prefix { !$0.isNumber }
    let digits = first.dropFirst(prefix.count)
    guard last.hasPrefix(prefix), let start = Int(digits), let end = Int(last.dropFirst(prefix.count)), start <= end
    else { return nil }
    let width = digits.hasPrefix("0") ? digits.count : 0
    return (start...end).map { number in
      let text = String(number)
      return prefix + String(repeating: "0", count: max(0, width - text.count)) + text
    }
  }
}
