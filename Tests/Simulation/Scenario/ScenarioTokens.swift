/// The words of a line of a scenario, taken from left to right.
struct ScenarioTokens {
  private enum Token {
    case bare(Substring)
    case quoted([UInt8])
  }

  private var tokens: ArraySlice<Token>
  /// The line itself, for what is taken whole.
  private let line: Substring
  let verb: String

  /// - Throws: ``ScenarioFlaw`` where a quoted text is not closed or has an escape that is none.
  init(_ line: Substring) throws(ScenarioFlaw) {
    var rest = line[...]
    var tokens: [Token] = []
    while let first = rest.first {
      if first == " " {
        rest.removeFirst()
      } else if first == "\"" {
        tokens.append(.quoted(try Self.quoted(&rest)))
      } else {
        let word = rest.prefix { $0 != " " }
        tokens.append(.bare(word))
        rest = rest[word.endIndex...]
      }
    }
    guard case .bare(let verb)? = tokens.first else { throw ScenarioFlaw("a line begins with a verb") }
    self.tokens = tokens.dropFirst()
    self.line = line
    self.verb = String(verb.hasSuffix(":") ? verb.dropLast() : verb)
  }

  var isEmpty: Bool { tokens.isEmpty }

  /// What stands behind the verb, as it is.
  func sentence() throws(ScenarioFlaw) -> String {
    let text = line.drop { $0 != " " }.drop { $0 == " " }
    guard !text.isEmpty else { throw ScenarioFlaw("\(verb): a text is missing") }
    return String(text)
  }

  mutating func word(_ what: String) throws(ScenarioFlaw) -> String {
    switch tokens.popFirst() {
    case .bare(let text): return String(text)
    case .quoted(let bytes): return String(decoding: bytes, as: UTF8.self)
    case nil: throw ScenarioFlaw("\(verb): \(what) is missing")
    }
  }

  mutating func words(_ what: String) throws(ScenarioFlaw) -> [String] {
    var words = [try word(what)]
    while !isEmpty { words.append(try word(what)) }
    return words
  }

  mutating func number(_ what: String) throws(ScenarioFlaw) -> Int {
    let text = try word(what)
    guard let number = Int(text), number >= 0 else { throw ScenarioFlaw("\(verb): \(text) is no number") }
    return number
  }

  /// The rest of the line as content.
  mutating func content() throws(ScenarioFlaw) -> [ContentWord] {
    var words: [ContentWord] = []
    while let token = tokens.popFirst() {
      switch token {
      case .quoted(let bytes): words.append(ContentWord(bytes: bytes, isLine: false))
      case .bare(let text):
        guard let bare = ContentWord.bare(text) else { throw ScenarioFlaw("\(text) is no range of numbers") }
        words += bare
      }
    }
    return words
  }

  mutating func bytes() throws(ScenarioFlaw) -> [UInt8] { ContentWord.content(try content()) }

  mutating func lines() throws(ScenarioFlaw) -> [[UInt8]] {
    let lines = try content().map(\.bytes)
    guard !lines.isEmpty else { throw ScenarioFlaw("\(verb): lines are missing") }
    return lines
  }

  func end() throws(ScenarioFlaw) {
    guard isEmpty else { throw ScenarioFlaw("\(verb): there is more on the line than it takes") }
  }

  /// Takes a quoted text and how often it comes from the start of `rest`.
  private static func quoted(_ rest: inout Substring) throws(ScenarioFlaw) -> [UInt8] {
    rest.removeFirst()
    var bytes: [UInt8] = []
    while let character = rest.popFirst(), character != "\"" {
      guard character == "\\" else {
        bytes += Array(String(character).utf8)
        continue
      }
      bytes.append(try escaped(&rest))
    }
    guard rest.startIndex == rest.base.startIndex || rest.base[rest.base.index(before: rest.startIndex)] == "\"" else {
      throw ScenarioFlaw("a quoted text is not closed")
    }
    let suffix = rest.prefix { $0 != " " }
    guard !suffix.isEmpty else { return bytes }
    guard suffix.first == "*", let count = Int(suffix.dropFirst()) else {
      throw ScenarioFlaw("behind a quoted text comes a space, or *N")
    }
    rest = rest[suffix.endIndex...]
    return ContentWord.repeating(bytes, count)
  }

  private static func escaped(_ rest: inout Substring) throws(ScenarioFlaw) -> UInt8 {
    switch rest.popFirst() {
    case "n": return 0x0a
    case "r": return 0x0d
    case "t": return 0x09
    case "0": return 0
    case "\"": return 0x22
    case "\\": return 0x5c
    case "x":
      let digits = rest.prefix(2)
      guard digits.count == 2, let byte = UInt8(digits, radix: 16) else { throw ScenarioFlaw("\\x takes two digits") }
      rest.removeFirst(2)
      return byte
    default: throw ScenarioFlaw("an escape is one of \\n \\r \\t \\0 \\\" \\\\ \\xff")
    }
  }
}

extension Substring {
  fileprivate mutating func popFirst() -> Character? { isEmpty ? nil : removeFirst() }
}

/// What is wrong with a line of a scenario.
struct ScenarioFlaw: Error {
  let text: String

  init(_ text: String) { self.text = text }
}

/// What is wrong with a scenario, and where.
struct ScenarioError: Error, Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let text: String

  var description: String { "\(path):\(line): \(text)" }
}
