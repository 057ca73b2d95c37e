import Testing

@testable import Weir

@Suite struct ScannerTests {
  private let log = """
    Failed password for root from 203.0.113.9
    Accepted password for amy from 10.0.0.8\r
    Failed password for amy from 10.0.0.8\r

    Failed password for bob from 192.168.0.1
    """

  @Test func literalWithMatchAndCaptures() throws {
    let plan = try pipeline([Rule(matches: [Pattern(#"Failed password for (?<user>\S+) from (?<ip>\S+)"#)])])
    #expect(
      try scan(plan, log) == [
        [
          Selected(
            "Failed password for root from 203.0.113.9", match: "Failed password for root from 203.0.113.9",
            captures: ["root", "203.0.113.9"]),
          Selected(
            "Failed password for amy from 10.0.0.8", match: "Failed password for amy from 10.0.0.8",
            captures: ["amy", "10.0.0.8"]),
          Selected(
            "Failed password for bob from 192.168.0.1", match: "Failed password for bob from 192.168.0.1",
            captures: ["bob", "192.168.0.1"]),
        ]
      ])
  }

  /// What PCRE2 understands in a way of its own: the scan must not look for what is none of it.
  @Test(arguments: [
    (#"[[:<:]]foo"#, "a foo b"), (#"ab[[:>:]] cd"#, "ab cd"), (#"[\E^]ab]"#, "x"), (#"[\Q\E^]ab]"#, "x"),
    (#"[\E]ab]cd"#, "bcd"),
  ]) func classesThatAreNone(pattern: String, line: String) throws {
    let plan = try pipeline([Rule(matches: [Pattern(pattern)])])
    #expect(try scan(plan, line)[0].map(\.text) == [line])
  }

  /// Swift takes both for the same text.
  @Test func patternsInTwoNormalFormsAreTwo() throws {
    let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
    #expect(Pattern(composed) != Pattern(decomposed))
    for isFixed in [false, true] {
      let patterns = [composed, decomposed].map { Pattern($0, isFixed: isFixed) }
      let plan = try pipeline([Rule(matches: patterns)])
      let found = try scan(plan, "\(composed) 1\n\(decomposed) 2\n")[0].map(\.text)
      #expect(found.map { Array($0.utf8) } == ["\(composed) 1", "\(decomposed) 2"].map { Array($0.utf8) })
    }
  }

  @Test func rulesAreAChainAndExcludesTakeAway() throws {
    let plan = try pipeline([
      Rule(matches: [Pattern("password"), Pattern("nothing")], excludes: [Pattern("Accepted")]),
      Rule(excludes: [Pattern(#"from 192\.168\."#), Pattern("from 203")]),
    ])
    #expect(try scan(plan, log) == [[Selected("Failed password for amy from 10.0.0.8", match: "password")]])
  }

  @Test func noRulesSelectAllAndEmptyLines() throws {
    let lines = try scan(try pipeline([]), log)[0]
    #expect(lines.map(\.text).count == 5)
    #expect(lines[1].text == "Accepted password for amy from 10.0.0.8")
    #expect(lines[3] == Selected(""))
    #expect(try scan(try pipeline([]), "a\r\n\r\nb\rc\r") == [[Selected("a"), Selected(""), Selected("b\rc\r")]])
    #expect(try scan(try pipeline([]), "") == [[]])
    #expect(try scan(try pipeline([Rule(matches: [Pattern("")])]), "a\n\n") == [[Selected("a"), Selected("")]])
  }

  @Test func excludesAloneLeaveTheMatchEmpty() throws {
    let plan = try pipeline([Rule(excludes: [Pattern("password")])])
    #expect(try scan(plan, log) == [[Selected("")]])
  }

  @Test func branchesAndASinkByTwoRoutes() throws {
    let plan = try pipeline(
      [Rule(matches: [Pattern("(?<what>Failed|Accepted)")])], sinks: [7],
      branches: [
        BranchPlan(
          rules: [Rule(matches: [Pattern("for (?<user>root|bob)")])], sinks: [3],
          branches: [BranchPlan(rules: [Rule(matches: [Pattern("from (?<ip>192.*)")])], sinks: [7, 9])]),
        BranchPlan(rules: [Rule(matches: [Pattern("for (?<user>amy)")])], sinks: [3]),
      ])
    #expect(plan.sinks == [7, 3, 9])
    let lines = try scan(plan, log)
    let bob = "Failed password for bob from 192.168.0.1"
    #expect(lines[0].count == 4)
    #expect(lines[0][3] == Selected(bob, match: "Failed", captures: ["Failed", "bob", "192.168.0.1"]))
    #expect(lines[0][0].captures == ["Failed", nil, nil])
    #expect(lines[1].map { $0.captures[1] } == ["root", "amy", "amy", "bob"])
    #expect(lines[2] == [Selected(bob, match: "Failed", captures: ["Failed", "bob", "192.168.0.1"])])
  }

  @Test func aBranchThatFailsLeavesNoCaptures() throws {
    let plan = try pipeline(
      [], sinks: [],
      branches: [
        BranchPlan(
          rules: [Rule(matches: [Pattern("(?<word>Failed)")]), Rule(matches: [Pattern("nowhere")])], sinks: [0]),
        BranchPlan(rules: [Rule(matches: [Pattern("for (?<user>\\w+)")])], sinks: [0]),
      ])
    #expect(try scan(plan, log)[0].first?.captures == [nil, "root"])
  }

  @Test func pipelinesDoNotDisturbEachOther() throws {
    let plans = [
      try pipeline([Rule(matches: [Pattern("root", isWord: true)])]),
      try pipeline([]),
      try pipeline([Rule(matches: [Pattern("AMY", ignoresCase: true)])], sinks: [4, 5]),
      try pipeline([Rule(matches: [Pattern(#"\d$"#)])]),
      try pipeline([Rule(matches: [Pattern("root", isWord: true)]), Rule(excludes: [Pattern("203")])]),
    ]
    let scanner = try Scanner(pipelines: plans)
    for _ in 0..<3 {
      let batch = batch(log)
      let counts = scanner.scan(batch).map { $0.map(\.lines.count) }
      #expect(counts == [[1], [5], [2, 2], [4], [0]])
    }
  }

  @Test func aLineThatSeveralSinksGetCountsOnce() throws {
    let branches = ["Failed", "Accepted", "amy"].enumerated().map { sink, word in
      BranchPlan(rules: [Rule(matches: [Pattern(word)])], sinks: [sink])
    }
    let scanner = try Scanner(pipelines: [
      try pipeline([], sinks: [], branches: branches), try pipeline([], sinks: [0, 1]), try pipeline([]),
    ])
    for _ in 1...2 { #expect(scanner.scan(batch(log)).selecting.map(\.lineCount) == [4, 5, 5]) }
  }

  @Test func aScanInPartsSelectsTheSame() throws {
    let text = String(repeating: log + "\n", count: 200)
    let failures = try pipeline([Rule(matches: [Pattern("Failed .* for (?<user>\\w+)")])])
    let walking = try pipeline([Rule(excludes: [Pattern("amy")])])
    for plans in [[failures], [walking], [failures, try pipeline([]), walking]] {
      let whole = try Scanner(pipelines: plans)
      let scanner = try Scanner(pipelines: plans)
      for _ in 1...2 {
        let batch = batch(text)
        var partCount = 1
        var selections = scanner.scan(batch, forNanoseconds: 0)
        while selections == nil {
          #expect(scanner.isPaused)
          partCount += 1
          selections = scanner.scan(batch, forNanoseconds: 0)
        }
        #expect(!scanner.isPaused && partCount > 3)
        let expected = whole.scan(batch)
        for place in plans.indices {
          #expect(
            try #require(selections)[place].map { selected($0, in: batch) }
              == expected[place].map { selected($0, in: batch) })
        }
        #expect(selections?.selecting.map(\.lineCount) == expected.selecting.map(\.lineCount))
      }
    }
  }

  @Test func lineCounts() {
    #expect(batch("").lineCount == 0)
    #expect(batch("a").lineCount == 1)
    #expect(batch("a\n").lineCount == 1)
    #expect(batch("\n\nb").lineCount == 3)
    for count in [63, 64, 65, 255 * 64, 255 * 64 + 1, 100_000] {
      #expect(batch([UInt8](repeating: 10, count: count)).lineCount == count)
    }
  }
}
