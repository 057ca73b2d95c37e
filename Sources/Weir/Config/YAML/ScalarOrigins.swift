/// Where in its file each character of a scalar's value comes from: quotes, escapes, indentation and folded lines
/// make the two differ.
struct ScalarOrigins {
  /// A position in the source for each scalar of the value, and one for its end; empty where the two could
  /// not be brought together.
  private var positions: [Int] = []
  private let start: Int
  private let source: [Unicode.Scalar]
  private let end: Int
  private var cursor: Int
  /// Before it are blanks without a line break, so that a long run is looked through once.
  private var blanksEnd = 0

  init(of scalar: YAMLScalar) {
    source = scalar.place.source.scalars
    start = scalar.place.range.lowerBound
    end = min(scalar.place.range.upperBound, source.count)
    cursor = start
    let value = Array(scalar.value.unicodeScalars)
    let isAligned =
      switch scalar.style {
      case .plain: align(value)
      case .singleQuoted, .doubleQuoted: alignQuoted(value, isDouble: scalar.style == .doubleQuoted)
      case .literal, .folded: alignBlock(value, isFolded: scalar.style == .folded)
      }
    if isAligned { positions.append(cursor) } else { positions = [] }
  }

  /// The source's scalar that the value's scalar `index` comes from, or the scalar's start where that is not known.
  func position(of index: Int) -> Int { positions.indices.contains(index) ? positions[index] : start }

  private mutating func align(_ value: [Unicode.Scalar]) -> Bool {
    for scalar in value {
      guard takeFold(scalar) || takeSame(scalar) else { return false }
    }
    return true
  }

  private mutating func alignQuoted(_ value: [Unicode.Scalar], isDouble: Bool) -> Bool {
    cursor += 1
    for scalar in value {
      if isDouble { skipEscapedBreaks() }
      if takeFold(scalar) { continue }
      if isDouble, cursor < end, source[cursor] == "\\" {
        positions.append(cursor)
        cursor += escapeLength
        continue
      }
      guard takeSame(scalar) else { return false }
      if !isDouble, scalar == "'" { cursor += 1 }
    }
    return true
  }

  /// The first line holds the indicators alone; the first line with text shows the indentation.
  private mutating func alignBlock(_ value: [Unicode.Scalar], isFolded: Bool) -> Bool {
    skip { $0 != "\n" }
    cursor += 1
    var probe = cursor
    var lineStart = cursor
    while probe < end, source[probe].isBlank {
      if source[probe] == "\n" { lineStart = probe + 1 }
      probe += 1
    }
    let leading = value.prefix { $0 == " " }.count
    let indentation = max(0, probe - lineStart - leading)
    skipIndentation(indentation)
    for scalar in value {
      if scalar == "\n", !isFolded {
        if cursor < end, source[cursor] == "\r" { cursor += 1 }
        positions.append(cursor)
        guard cursor >= end || source[cursor] == "\n" else { return false }
        cursor += 1
        skipIndentation(indentation)
      } else if isFolded, takeFold(scalar) {
        continue
      } else if !takeSame(scalar) {
        return false
      }
    }
    return true
  }

  /// Takes a run of blanks with line breaks in it, which stands for one space or for the breaks behind the first.
  private mutating func takeFold(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar == " " || scalar == "\n" else { return false }
    guard cursor >= blanksEnd else { return false }
    var probe = cursor
    var breaks = 0
    while probe < end, source[probe].isBlank, scalar == " " || breaks <= 2 {
      if source[probe] == "\n" { breaks += 1 }
      probe += 1
    }
    guard breaks > 0 else {
      blanksEnd = probe
      return false
    }
    positions.append(cursor)
    if scalar == " " || breaks <= 2 {
      cursor = probe
    } else {
      // One of several line feeds: the next one is taken from the break that follows.
      skip { $0 != "\n" }
      cursor += 1
    }
    return true
  }

  private mutating func takeSame(_ scalar: Unicode.Scalar) -> Bool {
    guard cursor < end, source[cursor] == scalar else { return false }
    positions.append(cursor)
    cursor += 1
    return true
  }

  private var escapeLength: Int {
    guard cursor + 1 < end else { return 1 }
    return switch source[cursor + 1] {
    case "x": 4
    case "u": 6
    case "U": 10
    default: 2
    }
  }

  private mutating func skipEscapedBreaks() {
    while cursor + 1 < end, source[cursor] == "\\", source[cursor + 1] == "\n" || source[cursor + 1] == "\r" {
      cursor += 1
      skip { $0.isBlank }
    }
  }

  private mutating func skip(while condition: (Unicode.Scalar) -> Bool) {
    while cursor < end, condition(source[cursor]) { cursor += 1 }
  }

  private mutating func skipIndentation(_ count: Int) {
    var left = count
    while left > 0, cursor < end, source[cursor] == " " {
      cursor += 1
      left -= 1
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\n" || self == "\r" }
}
