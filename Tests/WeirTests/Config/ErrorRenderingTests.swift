import SystemPackage
import Testing

@testable import Weir

@Suite struct ErrorRenderingTests {
  @Test func contractExample() {
    let text = """
      # line 1
      pipelines:
        - name: ssh
          follow: /var/log/auth.log
          grep:
            - match: sshd
              ignorecase: true
          broadcast: printer
        - follow: /var/log/auth.log
          broadcast: printer
          grep:
              - match: 'Failed (\\S+ from'
      """
    #expect(
      Outcome(text, named: "weir.yaml").errors == """
        weir.yaml:7:9: error: unknown key "ignorecase" in grep; did you mean "ignore_case"?
            7 |         ignorecase: true
              |         ^~~~~~~~~~
        weir.yaml:12:34: error: bad pattern: missing closing parenthesis
           12 |         - match: 'Failed (\\S+ from'
              |                                  ^
        2 errors in weir.yaml
        """)
  }

  @Test func fiveMistakesAreFiveErrors() {
    let text = """
      databse: x.db
      sinks:
        out: { printr: {} }
      pipelines:
        - follow: { path: /a.log, from: middle }
          grep: '[a-z'
          broadcast: consle
      """
    #expect(
      Outcome(text, named: "weir.yaml").errors == """
        weir.yaml:1:1: error: unknown key "databse" in the config; did you mean "database"?
            1 | databse: x.db
              | ^~~~~~~
        weir.yaml:3:10: error: unknown kind of sink "printr"; did you mean "printer"?
            3 |   out: { printr: {} }
              |          ^~~~~~
        weir.yaml:5:35: error: "middle" is not a value of "from"; it is one of end, beginning
            5 |   - follow: { path: /a.log, from: middle }
              |                                   ^~~~~~
        weir.yaml:6:15: error: bad pattern: missing terminating ] for character class
            6 |     grep: '[a-z'
              |               ^
        weir.yaml:7:16: error: unknown sink "consle"; known here: out, printer, sqlite, counter
            7 |     broadcast: consle
              |                ^~~~~~
        5 errors in weir.yaml
        """)
  }

  @Test func oneErrorIsCountedInTheSingular() {
    #expect(Outcome("pipelines: []", named: "a/b.yaml").errors.hasSuffix("\n1 error in a/b.yaml"))
  }

  @Test func columnsCountCharactersAndTheCaretStandsUnderWideOnes() {
    let text = pipeline("grep: [ошибка, 日本, '(']\nbroadcast: printer")
    #expect(
      Outcome(text).errors.contains(
        """
        /etc/weir/weir.yaml:4:25: error: bad pattern: missing closing parenthesis
            4 |     grep: [ошибка, 日本, '(']
              |                           ^
        """))
  }

  @Test func tabsStayTabsUnderTheCaret() {
    let text = pipeline("broadcast:\t\tprinte")
    #expect(Outcome(text).errors.contains("    4 |     broadcast:\t\tprinte\n      |               \t\t^~~~~~\n"))
  }

  @Test func controlCharactersAreHarmless() {
    let errors = Outcome(pipeline("\"broad\\u0085\u{202e}cast\": printer\n\"a\\e[31m\": 1")).errors
    #expect(!errors.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x85 || $0.value == 0x202e })
    #expect(errors.contains("unknown key \"a\\x1b[31m\" in pipeline"))
    #expect(errors.contains("\\u{202e}"))
  }

  @Test func longLinesAreCutAroundTheCaret() {
    let errors = Outcome(
      "pipelines: [{follow: [\(String(repeating: "/a, ", count: 200))/b], broadcats: printer, "
        + "name: \(String(repeating: "x", count: 300))}]"
    ).errors.split(separator: "\n")
    #expect(errors.count == 4)
    #expect(errors.allSatisfy { $0.count < 200 })
    let padding = errors[2].prefix { $0 != "^" }
    #expect(errors[1].dropFirst(padding.count).hasPrefix("broadcats"))
    #expect(errors[1].hasSuffix("…") && errors[1].contains("| …"))
  }

  @Test func errorsComeInTheOrderOfTheFile() {
    let messages = Outcome("zzz: 1\npipelines:\n  - follow: /a\n    broadcast: nowhere\nsinks: []\nyyy: 2").messages
    #expect(messages.map { $0.prefix { $0 != ":" } } == ["1", "4", "5", "6"])
  }
}
