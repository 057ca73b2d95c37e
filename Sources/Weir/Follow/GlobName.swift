import SystemPackage

/// A pattern for one name: `*`, `?`, `[a-z]`, `[!a-z]`, and `\` before a character that is meant as it is.
struct GlobName: Equatable, Sendable {
  /// A character of a name: a Unicode scalar, or a byte that is not UTF-8 (0x110000 and more).
  typealias Character = UInt32

  private enum Token: Equatable {
    case one(Character)
    case anyOne
    case anyNumber
    case set([ClosedRange<Character>], isNegated: Bool)
  }

  private var tokens: [Token] = []

  /// The characters that mean something in a pattern.
  private enum Sign {
    static let star = Character(0x2a)
    static let question = Character(0x3f)
    static let backslash = Character(0x5c)
    static let open = Character(0x5b)
    static let close = Character(0x5d)
    static let exclamation = Character(0x21)
    static let caret = Character(0x5e)
    static let hyphen = Character(0x2d)
    static let dot = Character(0x2e)
  }

  init(_ component: FilePath.Component) {
    let text = Self.characters(of: component)
    var position = 0
    while position < text.count {
      switch text[position] {
      case Sign.star: if tokens.last != .anyNumber { tokens.append(.anyNumber) }
      case Sign.question: tokens.append(.anyOne)
      case Sign.backslash where position + 1 < text.count:
        position += 1
        tokens.append(.one(text[position]))
      case Sign.open:
        if let (set, end) = Self.set(in: text, from: position) {
          tokens.append(set)
          position = end
        } else {
          tokens.append(.one(Sign.open))
        }
      default: tokens.append(.one(text[position]))
      }
      position += 1
    }
  }

  /// The only name that the pattern selects; nil if there may be others.
  var literal: FilePath.Component? {
    var bytes: [UInt8] = []
    for token in tokens {
      guard case .one(let character) = token else { return nil }
      if let scalar = Unicode.Scalar(character) {
        bytes += Array(String(scalar).utf8)
      } else {
        bytes.append(UInt8(truncatingIfNeeded: character))
      }
    }
    return (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { text in
      text.baseAddress.flatMap { FilePath.Component(platformString: $0) }
    }
  }

  /// Whether the pattern selects `name`. A hidden name must have its dot written out, unless `allowsHidden`.
  func matches(_ name: FilePath.Component, allowsHidden: Bool = false) -> Bool {
    let text = Self.characters(of: name)
    if !allowsHidden, text.first == Sign.dot, tokens.first != .one(Sign.dot) { return false }
    var (token, position) = (0, 0)
    var retry: (token: Int, position: Int)?
    while position < text.count || token < tokens.count {
      if token < tokens.count, tokens[token] == .anyNumber {
        retry = (token, position + 1)
        token += 1
      } else if token < tokens.count, position < text.count, Self.matches(tokens[token], text[position]) {
        token += 1
        position += 1
      } else if let (star, next) = retry, next <= text.count {
        // The last star takes one character more; an earlier one never has to.
        (token, position) = (star + 1, next)
        retry = (star, next + 1)
      } else {
        return false
      }
    }
    return true
  }

  private static func matches(_ token: Token, _ character: Character) -> Bool {
    switch token {
    case .one(let wanted): character == wanted
    case .anyOne: true
    case .anyNumber: false
    case .set(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
    }
  }

  /// - Returns: the set that begins at `start` and where its `]` is; nil if there is none.
  private static func set(in text: [Character], from start: Int) -> (Token, Int)? {
    var position = start + 1
    let isNegated = position < text.count && (text[position] == Sign.exclamation || text[position] == Sign.caret)
    if isNegated { position += 1 }
    let first = position
    var ranges: [ClosedRange<Character>] = []
    while position < text.count, text[position] != Sign.close || position == first {
      guard let lower = member(in: text, &position) else { return nil }
      var upper = lower
      if position + 1 < text.count, text[position] == Sign.hyphen, text[position + 1] != Sign.close {
        position += 1
        guard let end = member(in: text, &position) else { return nil }
        upper = end
      }
      if lower <= upper { ranges.append(lower...upper) }
    }
    return position < text.count ? (.set(ranges, isNegated: isNegated), position) : nil
  }

  /// Takes one character of a set, which a `\` before it makes one that is meant as it is; nil at the end.
  private static func member(in text: [Character], _ position: inout Int) -> Character? {
    if text[position] == Sign.backslash { position += 1 }
    guard position < text.count else { return nil }
    defer { position += 1 }
    return text[position]
  }

  private static func characters(of component: FilePath.Component) -> [Character] {
    component.withPlatformString { start in
      var bytes = UnsafeRawBufferPointer(start: start, count: Glob.length(of: start))[...]
      var characters: [Character] = []
      characters.reserveCapacity(bytes.count)
      while let first = bytes.first {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&iterator) {
          characters.append(scalar.value)
          bytes = bytes.dropFirst(UTF8.width(scalar))
        } else {
          characters.append(0x110000 + UInt32(first))
          bytes = bytes.dropFirst()
        }
      }
      return characters
    }
  }
}
