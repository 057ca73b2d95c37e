import Testing

@testable import Weir

/// A bad pattern is shown at the character in it, however YAML wraps it.
@Suite struct ScalarPlaceTests {
  private func place(_ lines: String, environment: [String: String] = [:]) -> String? {
    let messages = Outcome(pipeline(lines + "\nbroadcast: printer"), environment: environment).messages
    #expect(messages.count == 1)
    #expect(messages.first?.contains("bad pattern: unmatched closing parenthesis") ?? false, "\(messages)")
    return messages.first.map { String($0.prefix(while: { $0 != " " }).dropLast()) }
  }

  @Test func plain() { #expect(place("grep: ab)cd") == "4:13") }
  @Test func plainOverLines() { #expect(place("grep: ab\n  cd\n  ef)x") == "6:9") }
  @Test func singleQuoted() { #expect(place("grep: 'it''s )'") == "4:18") }
  @Test func singleQuotedOverLines() { #expect(place("grep: 'a\n\n\n  b''c)d'") == "7:11") }
  @Test func doubleQuoted() { #expect(place("grep: \"ab)\"") == "4:14") }
  @Test func doubleQuotedWithEscapes() { #expect(place("grep: \"\\\\d\\u0041\\x41\\t)\"") == "4:27") }
  @Test func doubleQuotedWithEscapedBreak() { #expect(place("grep: \"ab\\\n   c)d\"") == "5:9") }
  @Test func literal() { #expect(place("grep: |\n  (?x) a\n  b  )  c") == "6:10") }
  @Test func literalWithBlankLinesAndIndentation() { #expect(place("grep: |-\n\n    (?x)\n      b)\n") == "7:12") }
  @Test func folded() { #expect(place("grep: >-\n  ab\n  cd\n\n  ef)g") == "8:9") }
  @Test(.timeLimit(.minutes(1))) func longRunsOfBlanksAreLookedThroughOnce() {
    let blanks = String(repeating: " ", count: 500_000)
    #expect(place("grep: 'a\(blanks)b)'") == "4:500014")
    #expect(place("grep: 'a\(String(repeating: "\n", count: 100_000)) b)'") == "100004:7")
  }
  @Test func anchored() { #expect(place("grep: &p ab)cd") == "4:16") }
  @Test func anchoredOnItsOwnLine() { #expect(place("grep: &p # why\n  'ab)cd'") == "5:10") }
  @Test func characters() { #expect(place("grep: ошибка)") == "4:17") }

  @Test func environment() {
    #expect(place("grep: 'x${A}y)'", environment: ["A": "long text"]) == "4:18")
    #expect(place("grep: 'x${A}y'", environment: ["A": "a)b"]) == "4:13")
    #expect(place("grep: '$${x)'") == "4:16")
  }

  @Test func anAliasedPatternIsWrongWhereItIsWritten() {
    let text = """
      pipelines:
        - { name: a, follow: /a, grep: &p 'x)', broadcast: printer }
        - { name: b, follow: /b, grep: *p, broadcast: printer }
      """
    #expect(Outcome(text).messages == ["2:39: error: bad pattern: unmatched closing parenthesis"])
  }
}
