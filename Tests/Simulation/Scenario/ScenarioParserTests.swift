import Testing

@Suite struct ScenarioParserTests {
  private func parse(_ text: String) throws -> Scenario {
    try ScenarioParser.parse(text, path: "x.txt", name: "x")
  }

  @Test func stepsAreInOrder() throws {
    let scenario = try parse(
      """
      # Why.
      # And more.
      follow app.log *.log
      exclude b*
      grep it's

      append app.log one "tw" a8..a10 x*3
      # Not of the reason.
      append @writer "o\\n\\x41"*2
      until-gap app.log 4-9 truncated
      expect app.log one "two words" ""
      expect other:app.log three
      said warning: it "was" so
      """)
    #expect(scenario.reason == "Why. And more.")
    #expect(
      scenario.config.yaml == """
        pipelines:
          - name: all
            follow:
              path: ['${LOGS}/app.log', '${LOGS}/*.log']
              from: beginning
              exclude: ['b*']
            grep: 'it''s'
            broadcast: sqlite

        """)
    #expect(
      scenario.steps.map(\.action) == [
        .append(Array("one\ntwa8\na9\na10\nxxx\n".utf8), to: "app.log"),
        .appendHeld(Array("o\nAo\nA".utf8), to: "writer"),
        .untilGap(StoredGap(file: StoredFile(path: "app.log"), range: 4...9, reason: "truncated")),
      ])
    #expect(scenario.steps.map(\.line) == [7, 9, 10])
    #expect(
      scenario.expectations == [
        .lines([Array("one".utf8), Array("two words".utf8), []], file: StoredFile(path: "app.log")),
        .lines([Array("three".utf8)], file: StoredFile(pipeline: "other", path: "app.log")),
        .said("warning: it \"was\" so"),
      ])
  }

  @Test func configsAreIndented() throws {
    let scenario = try parse(
      """
      # Why.
      config
        pipelines:
          - name: a

      reload refused
        pipelines: [
      expect a:x one
      """)
    #expect(scenario.config.yaml == "pipelines:\n  - name: a\n")
    #expect(
      scenario.steps.map(\.action) == [.reload(Configuration(yaml: "pipelines: [\n"), isTaken: false)])
  }

  @Test(arguments: [
    ("follow a\nexpect a one", 1, "a scenario begins with a comment that says why it is here"),
    ("# Why.\nfollow a\nstart", 1, "nothing is expected"),
    ("# Why.\nexpect a one", 1, "there is neither follow nor config"),
    ("# Why.\nfollow a\nfly a\nexpect a one", 3, "fly is no verb"),
    ("# Why.\nfollow a\nmove a\nexpect a one", 3, "move: another path is missing"),
    ("# Why.\nfollow a\nstop now\nexpect a one", 3, "stop: there is more on the line than it takes"),
    ("# Why.\nfollow a\nappend a \"one\nexpect a one", 3, "a quoted text is not closed"),
    ("# Why.\nfollow a\nappend a \"\\q\"\nexpect a one", 3, "an escape is one of \\n \\r \\t \\0 \\\" \\\\ \\xff"),
    ("# Why.\nfollow a\nappend a b2..c3\nexpect a one", 3, "b2..c3 is no range of numbers"),
    ("# Why.\nfollow a\nstart\nfrom end\nexpect a one", 4, "from stands before the steps"),
    ("# Why.\nfollow a\n  start\nexpect a one", 3, "only what belongs to config, reload and hangup is indented"),
    ("# Why.\nfollow a\nreload\nexpect a one", 3, "an indented config is missing"),
    ("# Why.\nfollow a\ngap a 9-4 truncated", 3, "9-4 is no range; one is 0-9"),
  ]) func whatIsWrongHasItsPlace(text: String, line: Int, message: String) {
    #expect(throws: ScenarioError(path: "x.txt", line: line, text: message)) { try parse(text) }
  }

  @Test func everyScenarioCanBeRead() throws {
    try #require(ScenarioFolder.names.count > 0)
    for name in ScenarioFolder.names { _ = try ScenarioFolder.scenario(name) }
  }

  // MARK: The outcome

  private func problems(_ expectations: [Expectation], _ lines: [(String, Int)], gaps: [StoredGap] = []) -> [String] {
    let file = StoredFile(path: "a")
    return ScenarioOutcome(expectations).problems(
      lines: lines.map { StoredLine(file: file, offset: $0.1, bytes: Array($0.0.utf8)) }, gaps: gaps, log: [],
      isWhole: true)
  }

  private func lines(_ words: String...) -> Expectation {
    .lines(words.map { Array($0.utf8) }, file: StoredFile(path: "a"))
  }

  @Test func outcomeIsHeldAgainstWhatIsExpected() {
    #expect(problems([lines("b", "c")], [("b", 0), ("c", 2)]).isEmpty)
    #expect(problems([lines("b", "c")], [("c", 0), ("b", 2)]) == ["a: not in order: \"c\" | \"b\""])
    #expect(problems([lines("b")], [("b", 0), ("b", 0)]) == ["a: stored and not expected, or twice: \"b\""])
    #expect(problems([lines("b", "c")], [("b", 0)]) == ["a: not stored: \"c\""])
    #expect(
      problems([lines("b", "c")], [("b", 0), ("c", 9)])
        == ["a: nothing is stored of the bytes before 9, where \"c\" begins"])
    let gap = StoredGap(file: StoredFile(path: "a"), range: 2...8, reason: "hole")
    #expect(problems([lines("b", "c"), .gap(gap)], [("b", 0), ("c", 9)], gaps: [gap]).isEmpty)
    #expect(
      problems([lines("b")], [("b", 0)], gaps: [gap]) == ["a gap that is not expected: a 2-8 hole"])
  }

  @Test func sequencesMayBeShuffled() {
    #expect(problems([lines("b", "c"), lines("b", "d")], [("b", 0), ("d", 2), ("b", 0), ("c", 2)]).isEmpty)
    #expect(
      problems([lines("b", "c"), lines("b", "d")], [("b", 0), ("d", 2), ("c", 2), ("b", 0)]).count == 1)
  }
}
