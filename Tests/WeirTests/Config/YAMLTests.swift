import SystemPackage
import Testing

@testable import Weir

@Suite struct YAMLTests {
  @Test func anchorsAliasesAndMergeKeys() throws {
    let text = """
      pipelines:
        - &first
          name: one
          follow: &logs [/a.log, /b.log]
          grep: &pattern error
          broadcast: printer
        - <<: *first
          name: two
        - <<: [{ name: three, grep: a }, { grep: b, follow: *logs, broadcast: sqlite }]
      """
    let plan = try #require(Outcome(text).plan)
    #expect(plan.pipelines.map(\.label.name) == ["one", "two", "three"])
    #expect(plan.pipelines.map { $0.trunk.rules.first?.matches.first?.text } == ["error", "error", "a"])
    #expect(plan.pipelines[1].follow == plan.pipelines[0].follow)
  }

  @Test(arguments: [
    ("a: *x", "1:4: error: unknown alias \"x\""),
    ("a: &x [*x]", "1:8: error: alias \"x\" stands within its own value"),
    ("a: !foo 1", "1:4: error: unknown tag \"!foo\""),
    ("a: !!binary aGk=", "1:4: error: unknown tag \"!!binary\""),
    ("a: &y !foo 1", "1:7: error: unknown tag \"!foo\""),
    ("a: 1\na: 2", "2:1: error: key \"a\" is repeated; it stands already at 1:1"),
    ("<<: 1", "1:5: error: \"<<\" takes a mapping or a list of mappings, not text"),
    ("[a]: 1", "1:1: error: a key must be text, not a list"),
    ("a: 1\n---\nb: 2", "2:1: error: a second document; a config is one"),
    ("a: [1\nb: 2", "2:2: error: did not find expected ',' or ']' while parsing a flow sequence that begins in line 1"),
    ("a:\n\tb: 1", "2:1: error: a tab cannot indent YAML; use spaces"),
    ("a: @x", "1:4: error: a value cannot begin with \"@\"; put it in single quotes"),
    ("a: 'x", "1:6: error: found unexpected end of stream while scanning a quoted scalar"),
    ("- a", "1:1: error: the config must be a mapping, not a list"),
    ("text", "1:1: error: the config must be a mapping, not text"),
  ])
  func mistakes(_ text: String, _ expected: String) {
    let messages = Outcome(text).messages
    #expect(messages.contains { $0.hasPrefix(expected) }, "\(messages)")
  }

  @Test(arguments: ["", "\n", "# only a comment\n", "---\n"])
  func emptyIsAnError(_ text: String) {
    #expect(Outcome(text).errors.hasSuffix("1 error in /etc/weir/weir.yaml"))
  }

  @Test func tagsThatSayWhatIsThereAreTaken() throws {
    let text = pipeline("grep: !!str 404\nbroadcast: !!seq [!!str printer]")
    #expect(try #require(Outcome(text).plan).pipelines[0].trunk.rules[0].matches == [Pattern("404")])
  }

  @Test func aliasBombIsRefused() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
    }
    let messages = Outcome(text).messages
    #expect(messages.count == 1)
    #expect(messages[0].hasSuffix("error: aliases stand for too much: 100000 values at most"))
  }

  @Test(arguments: ["[", "{a: ", "- ", "? "])
  func deepNestingIsRefused(_ opening: String) {
    let text = "a: \(opening == "- " || opening == "? " ? "\n  " : "")" + String(repeating: opening, count: 10_000)
    let messages = Outcome(text).messages
    #expect(messages.count == 1)
    #expect(messages[0].contains("nested too deeply: 64 levels at most"))
  }

  @Test func nestingThroughAliasesIsRefused() {
    var text = "a0: &a0 x\n"
    for level in 1...100 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(Outcome(text).messages.first?.contains("nested too deeply") ?? false)
  }

  @Test func byteOrderMarkAndCRLFAreNoMatter() throws {
    let text = "\u{feff}pipelines:\r\n  - follow: /a\r\n    broadcast: printer\r\n"
    #expect(Outcome(text).plan != nil)
    let wrong = Outcome("\u{feff}pipelines:\r\n  - follow: /a\r\n    broadcast: printr\r\n")
    #expect(wrong.messages == ["3:16: error: unknown sink \"printr\"; did you mean \"printer\"?"])
    #expect(!wrong.errors.contains("\r") && !wrong.errors.contains("\\x0d"))
  }

  @Test func invalidUTF8StandsWhereItIs() throws {
    let bytes = Array("a: 1\nbö: ".utf8) + [0xff, 0x41]
    let error = #expect(throws: ConfigErrors.self) {
      try ConfigFile.load("weir.yaml", content: bytes, catalog: .test, environment: [:])
    }
    #expect(error?.description.hasPrefix("weir.yaml:2:5: error: not UTF-8; a config is\n") ?? false)
  }

  @Test func controlCharactersAreRefusedByYAML() {
    #expect(Outcome("a: 1\nb: \u{1}").messages == ["2:4: error: control characters are not allowed"])
  }
}
