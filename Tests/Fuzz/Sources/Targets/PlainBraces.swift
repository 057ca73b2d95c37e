/// Expands braces by plain recursion.
struct PlainBraces {
  /// More expansions than this are none.
  let limit: Int

  func expansions(of pattern: [UInt8]) -> [[UInt8]]? {
    for open in pattern.indices where pattern[open] == UInt8(ascii: "{") && !isEscaped(open, in: pattern) {
      guard let alternatives = alternatives(in: pattern, from: open), alternatives.texts.count > 1 else { continue }
      var all: [[UInt8]] = []
      for text in alternatives.texts {
        let rest = text + pattern[alternatives.end...]
        guard let expansions = expansions(of: Array(rest)) else { return nil }
        all += expansions.map { pattern[..<open] + $0 }
        if all.count > limit { return nil }
      }
      return all
    }
    return [pattern]
  }

  /// What commas part between the brace at `open` and the one that closes it, behind which `end` is.
  private func alternatives(in pattern: [UInt8], from open: Int) -> (texts: [[UInt8]], end: Int)? {
    var texts: [[UInt8]] = [[]]
    var depth = 1
    for index in pattern.indices.dropFirst(open + 1) {
      switch pattern[index] {
      case _ where isEscaped(index, in: pattern): break
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ",") where depth == 1:
        texts.append([])
        continue
      default: break
      }
      if depth == 0 { return (texts, index + 1) }
      texts[texts.count - 1].append(pattern[index])
    }
    return nil
  }

  /// Whether an odd number of `\` stands before.
  private func isEscaped(_ index: Int, in pattern: [UInt8]) -> Bool {
    pattern[..<index].reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
  }
}
