import Testing

@testable import Weir

/// Lines of many KiB: what a search of them may take, and what it finds.
@Suite struct LongLineTests {
  private func outcome(_ text: String, _ line: [UInt8]) throws -> (LineMatcher.Outcome, nanoseconds: UInt64) {
    let table = try PatternTable([Pattern(text)])
    let start = ThreadTime.nanoseconds
    let outcome = line.withUnsafeBytes { table.slots[0].matcher.match($0) }
    return (outcome, ThreadTime.nanoseconds - start)
  }

  private func repeated(_ text: String, _ count: Int, and end: String = "") -> [UInt8] {
    Array(repeatElement(Array(text.utf8), count: count).joined()) + Array(end.utf8)
  }

  /// Each took from three seconds to hours for one of these lines.
  @Test(arguments: [
    ("\\(*\\w*\\w*\\d", "word ", 200_000), ("(*UTF)\\w*\\w*\\d", "word ", 200_000),
    ("[(*]?\\w*\\w*\\d", "word ", 200_000),
    ("a(?!.*a.*z)b", "ab", 500_000), ("a.*b.*[xyz]", "ab", 500_000), ("\\G(?:a.*b.*)+[xyz]", "ab", 500_000),
    ("\\w+(*SKIP)\\w*[xyz]|(?:b.*)(?:a.*)[xyz]", "ab", 500_000), ("(.*)(?:.*)\\1[xyz]", "ab", 500_000),
    ("(?:.*b(?R)?)[xyz]", "ab", 500_000), ("(*NO_JIT)a.*b.*[xyz]", "ab", 500_000),
  ])
  func aSearchEndsInTime(_ pattern: String, _ piece: String, _ count: Int) throws {
    let (outcome, nanoseconds) = try outcome(pattern, repeated(piece, count))
    #expect(outcome != .matched)
    // 125 ms, and as much as a pass over the line takes.
    #expect(nanoseconds < 500_000_000, "\(pattern): \(nanoseconds) ns")
  }

  /// A search of 25 ms ended before it had come to the match. (A build for debugging takes 20 times as long for a
  /// callout, so that each pattern has one a byte at most.)
  @Test(arguments: ["\\d[a-z]\\d[a-z]\\d", "\\d\\w+?2b(*COMMIT)\\d"]) func allOfALineIsSearched(
    pattern: String
  ) throws {
    #expect(try outcome(pattern, repeated("text and more, ", 24 << 16, and: "1a2b3")).0 == .matched)
  }

  /// As PCRE2 has it of the whole line at once.
  @Test(arguments: [
    ("a(*COMMIT)b", "ac", LineMatcher.Outcome.notMatched), ("(*COMMIT)ab", "cc", .matched),
    ("\\Gab", "cc", .notMatched),
    ("\\Gcc", "cc", .matched), ("c+(*SKIP)cab", "cc", .notMatched), ("c+(*PRUNE)ab", "cc", .matched),
    ("(?=c)(*ACCEPT)b", "cc", .matched), ("(*NOTEMPTY_ATSTART)x*", "cc", .matched), ("(c)\\1(?=ab)", "cc", .matched),
    ("x(?C1)y*z*|ab", "cc", .matched), ("(*NO_JIT)c+c+ab", "cc", .matched), ("(?<last>a)b$", "cc", .matched),
  ])
  func verbsAndAnchorsMeanWhatTheyMeanInShortLines(_ pattern: String, _ piece: String, _ expected: LineMatcher.Outcome)
    throws
  {
    #expect(try outcome(pattern, repeated(piece, 20, and: "ab")).0 == expected)
    #expect(try outcome(pattern, repeated(piece, 20_000, and: "ab")).0 == expected)
  }

  @Test(arguments: [
    ("needle", true), ("a.*b", true), ("\\p{L}+\\x{41}", true), ("a?b?c?", true), ("\\*\\+\\{", true),
    ("(?i)a|b", true),
    ("a.*b.*c", false), ("(a+)+", false), ("a{2,}b+", false), ("(a)\\1", false), ("\\Ga", false), ("\\(*x*", false),
    ("(*COMMIT)a", false), ("(?R)?a", false), ("(?1)(a)", false), ("(?<n>a)\\k<n>", false), ("\\Qa*\\E", false),
  ])
  func whatIsSearchedInWindows(_ pattern: String, _ isInWindows: Bool) {
    #expect(PatternShape.isSearchedInWindows(pattern) == isInWindows)
  }
}
