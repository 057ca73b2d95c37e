import Testing

@testable import Weir

@Suite struct SinkConfigTests {
  private func messages(_ sinks: String, _ broadcast: String) -> [String] {
    Outcome("sinks: \(sinks)\npipelines: [{ name: p, follow: /a, grep: '(?<ip>a)', broadcast: \(broadcast) }]").messages
  }

  @Test func contractForms() throws {
    let text = """
      sinks:
        console: { printer: { format: json, color: true } }
        archive: { sqlite: { path: archive.db, retention: { age: 30d, rows: 1000, size: 2GiB } } }
        unused: printer
        plain: printer
      pipelines:
        - name: a
          follow: /a
          grep: '(?<ip>\\S+)'
          broadcast:
            - console
            - sqlite
            - counter: { by: [ip] }
            - grep: root
              broadcast: [archive, console, console]
            - grep: [x, y]
              broadcast:
                - grep: z
                  broadcast: { printer: { format: json } }
        - { name: b, follow: /b, broadcast: [sqlite, plain, { sqlite: }, { sqlite: {} }, { sqlite: { path: /x } }] }
      """
    let outcome = Outcome(text)
    let plan = try #require(outcome.plan, "\(outcome.errors)")
    #expect(plan.sinks.map(\.name) == ["console", "sqlite", "counter", "archive", "printer", "plain", "sqlite_2"])
    #expect(plan.sinks.map(\.kind) == ["printer", "sqlite", "counter", "sqlite", "printer", "printer", "sqlite"])
    #expect(plan.sinks[0].recipe.summary == "printer json color")
    #expect(plan.sinks[3].recipe.summary == "sqlite /etc/weir/archive.db 1000")
    let trunk = plan.pipelines[0].trunk
    #expect(trunk.sinks == [0, 1, 2])
    #expect(trunk.branches.map(\.sinks) == [[3, 0], []])
    #expect(trunk.branches[1].branches[0].sinks == [4])
    #expect(trunk.branches[1].rules.count == 2)
    #expect(plan.pipelines[1].trunk.sinks == [1, 5, 6])
  }

  @Test func madeUpNamesDoNotCollideWithGivenOnes() throws {
    let text = """
      sinks: { printer_2: { sqlite: { path: x } } }
      pipelines:
        - follow: /a
          broadcast: [{ printer: { color: true } }, printer, { printer: { format: json } }, printer_2]
      """
    #expect(Outcome(text).plan?.sinks.map(\.name) == ["printer_3", "printer", "printer_4", "printer_2"])
  }

  @Test(arguments: [
    ("{ x: { printer: {}, sqlite: {} } }", "x", "sink \"x\" has two kinds: \"printer\" and \"sqlite\""),
    ("{ x: {} }", "x", "sink \"x\" has no kind; kinds are printer, sqlite, counter"),
    ("{ x: }", "x", "sink \"x\" has no kind"), ("{ x: [printer] }", "x", "must be a kind of sink, not a list"),
    ("{ x: { printer: {}, color: true } }", "x", "unknown key \"color\" beside \"printer\""),
    ("{ Printer: sqlite }", "sqlite", "cannot be named as a kind of sink"),
    ("{ x: printer, X: printer }", "x", "sink \"X\" is named already at 1:10"),
    ("{ '': printer }", "sqlite", "a sink's name must not be empty"),
    ("[x]", "sqlite", "\"sinks\" must be a mapping of names to sinks, not a list"),
    ("{ console: printer }", "consle", "unknown sink \"consle\"; did you mean \"console\"?"),
    ("{ console: printer }", "Console", "unknown sink \"Console\"; did you mean \"console\"?"),
    ("{ console: printer }", "{ console: {} }", "\"console\" is a sink with its own options"),
    ("{}", "[]", "\"broadcast\" of a pipeline names no sink"), ("{}", "", "names no sink"),
    ("{}", "{ grep: a }", "a branch needs \"broadcast\""), ("{}", "[[printer]]", "not a list"),
    ("{}", "{ printer: { format: jsn } }", "\"jsn\" is not a value of \"format\"; did you mean \"json\"?"),
    ("{}", "{ printer: { forat: json } }", "unknown key \"forat\" in printer; did you mean \"format\"?"),
    ("{}", "{ printer: json }", "printer must be a mapping, not text"),
    ("{}", "{ sqlite: { retention: { rows: 0 } } }", "\"rows\" must be a whole number from 1 to 1000, not \"0\""),
    ("{}", "counter", "a counter needs \"by\""), ("{}", "{ counter: { by: } }", "\"by\" has no value"),
    ("{}", "{ counter: { by: ip, window: 1 } }", "\"window\" is not available in this version of weir"),
  ])
  func mistakes(_ sinks: String, _ broadcast: String, _ expected: String) {
    let messages = messages(sinks, broadcast)
    #expect(messages.count == 1 && messages[0].contains(expected), "\(messages)")
  }

  @Test func requiredFields() {
    #expect(
      messages("{}", "{ counter: { by: [ip, ipp] } }") == [
        "2:87: error: sink \"counter\" needs field \"ipp\", which pipeline \"p\" does not have; did you mean \"ip\"?"
      ])
    #expect(
      messages("{ c: { counter: { by: user } } }", "[printer, c]") == [
        "2:75: error: sink \"c\" needs field \"user\", which pipeline \"p\" does not have; its fields are ip"
      ])
    let none = Outcome("pipelines: [{ name: p, follow: /a, broadcast: { counter: { by: x } } }]").messages
    #expect(none.count == 1 && none[0].hasSuffix("; no pattern of it has a named group"))
  }

  @Test func fieldsOfABadPatternAreNotMissed() {
    let text = "pipelines: [{ follow: /a, grep: '(?<ip>a', broadcast: { counter: { by: ip } } }]"
    #expect(Outcome(text).messages.count == 1)
  }

  @Test func aWrongNamedSinkIsReportedOnce() {
    #expect(messages("{ x: { printr: {} } }", "[x, { grep: a, broadcast: x }]").count == 1)
  }
}
