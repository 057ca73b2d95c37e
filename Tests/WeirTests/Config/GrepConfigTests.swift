import Testing

@testable import Weir

@Suite struct GrepConfigTests {
  private func rules(_ value: String) throws -> [Rule] {
    let outcome = Outcome(pipeline("broadcast: printer\ngrep: \(value)"))
    return try #require(outcome.plan, "\(outcome.errors)").pipelines[0].trunk.rules
  }

  private func messages(_ value: String) -> [String] {
    Outcome(pipeline("broadcast: printer\ngrep: \(value)")).messages
  }

  @Test func forms() throws {
    let python = [Rule(matches: [Pattern("python")])]
    #expect(try rules("python") == python)
    #expect(try rules("[python]") == python)
    #expect(try rules("[{ match: python }]") == python)
    #expect(try rules("{ match: [python] }") == python)
    #expect(try rules("[a, b]") == [Rule(matches: [Pattern("a")]), Rule(matches: [Pattern("b")])])
    #expect(
      try rules("{ match: [a, b], exclude: c, ignore_case: true, fixed: true, word: true }") == [
        Rule(
          matches: ["a", "b"].map { Pattern($0, ignoresCase: true, isFixed: true, isWord: true) },
          excludes: [Pattern("c", ignoresCase: true, isFixed: true, isWord: true)])
      ])
  }

  @Test(arguments: ["404", "true", "null", "~", "1.5", "0x1f", "2026-01-01"])
  func scalarsAreText(_ text: String) throws {
    #expect(try rules(text) == [Rule(matches: [Pattern(text)])])
  }

  @Test(arguments: ["[]", "''", "['']", "{ match: '' }", "{ match: [a, ''] }", "{ match: [] }"])
  func everyLine(_ value: String) throws { #expect(try rules(value) == []) }

  @Test func aBlockScalarsLastLineFeedIsNotPartOfThePattern() throws {
    #expect(try rules("|\n  a b\n") == [Rule(matches: [Pattern("a b")])])
  }

  /// Where it may be passed over, or is nothing.
  @Test(arguments: ["(?x) a\\n b", "a|b\\nc", "[\\n ]", "a\\n?"])
  func aLineFeedThatNeedNotMatchIsTaken(_ text: String) throws {
    #expect(try rules("\"\(text)\"").count == 1)
  }

  @Test func fixedIsLiteral() throws {
    #expect(try rules("{ match: '(', fixed: true }")[0].matches[0].text == "(")
  }

  @Test(arguments: [
    ("", "5:10: error: \"grep\" has no value"), ("{ word: true }", "5:11: error: an item of grep needs"),
    ("{ match: }", "5:20: error: \"match\" has no value"), ("\n  -", "6:8: error: a pattern has no value"),
    ("[[a]]", "5:12: error: an item of grep must be a pattern or a mapping, not a list"),
    ("{ match: { a: b } }", "5:20: error: \"match\" must be text, not a mapping"),
    ("{ match: a, word: yes }", "5:29: error: \"word\" must be true or false, not \"yes\""),
    ("{ match: a, before: 2 }", "5:23: error: \"before\" is not available in this version of weir"),
    ("{ match: a, after: 2 }", "5:23: error: \"after\" is not available in this version of weir"),
    ("{ match: \"a\\nb\", fixed: true }", "5:22: error: bad pattern: a line has no line feed in it"),
    ("\"a\\nb\"", "5:13: error: bad pattern: a line has no line feed in it"),
    ("{ match: a, exclude: 'b(' }", "5:34: error: bad pattern: missing closing parenthesis"),
    ("{ mtach: a, word: true, exclude: b }", "5:13: error: unknown key \"mtach\" in grep; did you mean \"match\"?"),
  ])
  func mistakes(_ value: String, _ expected: String) {
    let messages = messages(value)
    #expect(messages.count == 1 && messages[0].hasPrefix(expected), "\(messages)")
  }

  @Test func fieldsAreTheNamedGroupsInOrder() throws {
    let text = pipeline(
      """
      grep:
        - '(?<user>\\w+) (?<ip>\\S+)'
        - { match: ['(?<ip>x)', '(?<port>\\d+)'], exclude: '(?<unused>y)' }
      broadcast:
        - printer
        - grep: '(?<branch>z)'
          broadcast: { counter: { by: [branch, user] } }
      """)
    let outcome = Outcome(text)
    #expect(
      try #require(outcome.plan, "\(outcome.errors)").pipelines[0].label.fields == ["user", "ip", "port", "branch"])
  }
}
