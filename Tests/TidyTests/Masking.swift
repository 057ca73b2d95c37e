/// Blanks comments and the text of string literals in Swift source; what is interpolated stays.
///
/// A lexer for code that compiles and has no regex literals, which this project has none of.
struct Masking {
  private let source: [UInt8]
  private var output: [UInt8] = []
  private var index = 0

  /// The lines of `text`, as long in bytes as before.
  static func mask(_ text: String) -> [Substring] {
    var masking = Masking(source: Array(text.utf8))
    masking.code(isInterpolation: false)
    return String(decoding: masking.output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
  }

  private init(source: [UInt8]) {
    self.source = source
    output.reserveCapacity(source.count)
  }

  private func isNext(_ text: StaticString, from start: Int? = nil) -> Bool {
    let start = start ?? index
    guard start + text.utf8CodeUnitCount <= source.count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { source[start + $0] == text.utf8Start[$0] }
  }

  private mutating func keep() {
    output.append(source[index])
    index += 1
  }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<min(count, source.count - index) {
      output.append(source[index] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
      index += 1
    }
  }

  /// To the end, or to the `)` that closes an interpolation.
  private mutating func code(isInterpolation: Bool) {
    var depth = 0
    while index < source.count {
      if isNext("//") {
        while index < source.count, !isNext("\n") { blank() }
      } else if isNext("/*") {
        comment()
      } else if let hashCount = hashesBeforeQuote() {
        string(hashCount: hashCount)
      } else {
        if isNext("(") { depth += 1 }
        if isNext(")") { depth -= 1 }
        if isInterpolation && depth < 0 { return blank() }
        keep()
      }
    }
  }

  private mutating func comment() {
    var depth = 0
    repeat {
      if isNext("/*") {
        depth += 1
        blank(2)
      } else if isNext("*/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
    } while depth > 0 && index < source.count
  }

  /// How many `#` stand before a string's quote that begins here; nil where none begins.
  private func hashesBeforeQuote() -> Int? {
    var end = index
    while end < source.count, source[end] == UInt8(ascii: "#") { end += 1 }
    return end < source.count && source[end] == UInt8(ascii: "\"") ? end - index : nil
  }

  private func hashCount(from start: Int) -> Int {
    var end = start
    while end < source.count, source[end] == UInt8(ascii: "#") { end += 1 }
    return end - start
  }

  private mutating func string(hashCount hashes: Int) {
    blank(hashes)
    let quoteCount = isNext("\"\"\"") ? 3 : 1
    blank(quoteCount)
    while index < source.count {
      if isNext("\\"), hashCount(from: index + 1) >= hashes {
        blank(1 + hashes)
        if isNext("(") {
          blank()
          code(isInterpolation: true)
        } else {
          blank()
        }
      } else if quoteCount == 3 ? isNext("\"\"\"") : isNext("\""), hashCount(from: index + quoteCount) >= hashes {
        return blank(quoteCount + hashes)
      } else if quoteCount == 1, isNext("\n") {
        return
      } else {
        blank()
      }
    }
  }
}
