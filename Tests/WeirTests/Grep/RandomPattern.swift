@testable import Weir

/// Draws patterns from most of PCRE2's grammar, and lines that they are likely to meet. Not all that it draws compiles.
struct RandomPattern {
  private var dice: Dice
  private var names = 0

  init(seed: UInt64) { dice = Dice(seed: seed) }

  mutating func pattern() -> Pattern {
    names = 0
    var text = sequence(depth: 3)
    if dice.below(12) == 0 { text = dice.pick(["(*UTF)", "(*UCP)", "(*NO_JIT)", "(*CR)", "(*ANYCRLF)"]) + text }
    if dice.below(12) == 0 { return Pattern(literal(), ignoresCase: dice.below(2) == 0, isFixed: true) }
    return Pattern(
      text, ignoresCase: dice.below(3) == 0, isWord: dice.below(6) == 0)
  }

  private mutating func sequence(depth: Int) -> String {
    (0...dice.below(4)).map { _ in quantified(depth: depth) }.joined()
  }

  private mutating func quantified(depth: Int) -> String {
    let item = item(depth: depth)
    let quantifiers = ["*", "+", "?", "{2}", "{0,2}", "{1,}", "{0}", "*?", "+?", "?+", "*+", "{1,3}+", "{x}", "{40}"]
    return dice.below(3) == 0 ? item + dice.pick(quantifiers) : item
  }

  private mutating func item(depth: Int) -> String {
    switch dice.below(depth > 0 ? 12 : 7) {
    case 0...2: return literal()
    case 3: return dice.pick(Self.escapes)
    case 4: return characterClass()
    case 5: return dice.pick([".", ".", "^", "$", "\\b", "\\B", "(?i)", "(?-i)", "(?x)", "(?s)", "(?m)", "(?^)"])
    case 6:
      return dice.pick(["\\Qa.b\\E", "\\E", "(?#no ) ", "\\Q", " # x\n", "\\x41", "\\x{430}", "\\101", "\\0", "\\cA"])
    case 7, 8: return group(depth: depth)
    case 9: return "(?:\(sequence(depth: depth - 1))|\(sequence(depth: depth - 1)))"
    case 10:
      let open = dice.pick(["(?=", "(?!", "(?<=", "(?<!", "(?>", "(?|", "(?i:", "(?-i:", "(?x:", "(*atomic:"])
      return open + sequence(depth: depth - 1) + ")"
    default:
      return dice.pick([
        "\\1", "\\g{-1}", "\\g1", "\\k<n1>", "(?1)", "(?R)?", "(?(1)a|b)", "(*SKIP)", "(*ACCEPT)", "(?C1)", "\\K",
        "(*FAIL)", "(?P=n1)", "(?&n1)", "(?(DEFINE)(?<d>a))", "\\11",
      ])
    }
  }

  private mutating func group(depth: Int) -> String {
    names += 1
    let open = dice.pick(["(", "(", "(?:", "(?<n\(names)>", "(?P<n\(names)>", "(?'n\(names)'"])
    return open + sequence(depth: depth - 1) + (dice.below(3) == 0 ? "|" + sequence(depth: depth - 1) : "") + ")"
  }

  private mutating func characterClass() -> String {
    let parts = [
      "a", "k", "S", "b-d", "A-Z", "а-я", "é", "\\d", "\\w", "\\S", "\\W", "[:alpha:]", "[:^space:]", "[:punct:]",
      "\\]", "\\n", "\\x{212a}", "\\p{Lu}", "\\H", "\\x0b", ".", "^", "!-/", "\\Q]\\E", "\\b", "-",
    ]
    let inside = (0...dice.below(3)).map { _ in dice.pick(parts) }.joined()
    return "[\(dice.pick(["", "", "^"]))\(dice.pick(["", "", "]", "-"]))\(inside)]"
  }

  private mutating func literal() -> String {
    (0...dice.below(5)).map { _ in dice.pick(Self.letters) }.joined()
  }

  private static let escapes = [
    "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\h", "\\H", "\\v", "\\V", "\\R", "\\X", "\\N", "\\A", "\\z", "\\Z",
    "\\G", "\\pL", "\\p{Lu}", "\\P{Ll}", "\\p{^Han}", "\\t", "\\r", "\\n", "\\e", "\\.", "\\\\", "\\N{U+6b}",
    "\\o{101}",
  ]
  private static let letters = [
    "a", "a", "b", "c", "k", "s", "K", "S", "x", "A", "1", "0", " ", "é", "É", "о", "О", "ш", "ß", "ſ", "\u{212A}", "σ",
    "ς",
    "€", "-", "_", ":", "#",
  ]

  /// Lines with each kind of ending, some not UTF-8, some empty, some with NUL or a lone CR; the last may lack its LF.
  mutating func lines(count: Int, like pattern: String) -> [UInt8] {
    var bytes: [UInt8] = []
    let own = pattern.unicodeScalars.filter { $0.properties.isAlphabetic || $0 == " " || ("0"..."9").contains($0) }
    for _ in 0..<count {
      for _ in 0..<dice.below(14) {
        switch dice.below(16) {
        case 0: bytes.append(dice.pick([0x80, 0xFF, 0xC3, 0xE2, 0xF0, 0xD0]))
        case 1: bytes.append(dice.pick([0, 13, 9, 11, 1, 27]))
        case 2: bytes += Array(dice.pick(["\u{85}", "\u{2028}", "٣", "e\u{301}", "👩‍👩‍👧", "Σ", "ẞ", "ὀ"]).utf8)
        case 3...9 where !own.isEmpty: bytes += Array(String(Character(dice.pick(Array(own)))).utf8)
        default: bytes += Array(dice.pick(Self.letters).utf8)
        }
      }
      bytes += dice.pick([[10], [10], [13, 10]])
    }
    if dice.below(2) == 0 { bytes.removeLast() }
    return bytes
  }
}
