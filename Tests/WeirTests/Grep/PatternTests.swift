import Testing

@testable import Weir

@Suite struct PatternTests {
  private func outcome(_ pattern: Pattern, _ line: String) throws -> LineMatcher.Outcome {
    let table = try PatternTable([pattern])
    return Array(line.utf8).withUnsafeBytes { table.slots[0].matcher.match($0) }
  }

  private func matches(_ pattern: Pattern, _ line: String) throws -> Bool {
    try outcome(pattern, line) == .matched
  }

  @Test func groupNamesInOrderOfNumbersEachOnce() throws {
    #expect(try CompiledPattern(Pattern("(?<z>a)(b)(?<a>c(?<m>d))")).groupNames == ["z", "a", "m"])
    #expect(try CompiledPattern(Pattern("(?J)(?:(?<x>a)|(?<y>b)(?<x>c))")).groupNames == ["x", "y"])
    #expect(try CompiledPattern(Pattern("(?<a>x", isFixed: true)).groupNames == [])
    let plan = try pipeline([Rule(matches: [Pattern("(?J)(?:a(?<x>.)|b(?<x>.))")])])
    #expect(try scan(plan, "b1\na2\n")[0].map(\.captures) == [["1"], ["2"]])
  }

  @Test(arguments: [
    ("Failed (\\S+ from", 16), ("a[b", 3), ("*", 0), ("a\\Cb", 3), ("ошибка(", 13), ("(?<1a>b)", 3), ("a)b(", 1),
  ])
  func errorsStandInTheUsersText(_ text: String, _ offset: Int) {
    for isWord in [false, true] {
      let error = #expect(throws: PatternError.self) { try CompiledPattern(Pattern(text, isWord: isWord)) }
      #expect(error?.offset == offset, "\(text): \(String(describing: error))")
      #expect(error?.message.isEmpty == false)
    }
  }

  @Test func fixedTakesEveryCharacterAsItIs() throws {
    for text in ["a.b", "\\", "\\E.", "[x", "(?<a>", "a|b", "#x y", "{2}", "\u{0}", "é^", "_0aZ-~`'\"/"] {
      for isWord in [false, true] {
        let pattern = Pattern(text, isFixed: true, isWord: isWord)
        #expect(try matches(pattern, "! \(text) !"), "\(text)")
        #expect(try !matches(pattern, "axb"))
      }
    }
  }

  @Test func wordAsGrep() throws {
    let word = Pattern("a.c|x", isWord: true)
    #expect(try matches(word, "an abc."))
    #expect(try !matches(word, "abcd xabc _x x_"))
    #expect(try matches(word, "abcd x"))
    #expect(try !matches(Pattern("шиб", isWord: true), "ошибка"))
    #expect(try matches(Pattern("-v", isWord: true), "grep -v"))
    #expect(try matches(Pattern("(?x) abc # trailing", isWord: true), "x abc"))
    #expect(try matches(Pattern("\\Qa+b", isWord: true), "x a+b"))
    #expect(try matches(Pattern("(*UTF)(*LIMIT_MATCH=1000)abc", isWord: true), "x abc"))
    #expect(try !matches(Pattern("(*NO_JIT)abc", isWord: true), "abcd"))
    #expect(try matches(Pattern("(*NO_JIT)abc", isWord: true), "abcd abc"))
  }

  @Test func caseFoldsEveryScriptAndClassesKnowThem() throws {
    #expect(try matches(Pattern("ошибка", ignoresCase: true), "ОШИБКА"))
    #expect(try matches(Pattern("^\\w+\\s\\d$"), "привет ٣"))
    #expect(try matches(Pattern("^.$"), "€"))
  }

  @Test func badBytesNeverMatchAndNeverStop() throws {
    let table = try PatternTable([Pattern("^a.b$"), Pattern("b$"), Pattern("a.*b"), Pattern("[^x]\\z")])
    let line: [UInt8] = [0x61, 0xFF, 0x62]
    let outcomes = line.withUnsafeBytes { line in (0..<4).map { table.slots[$0].matcher.match(line) } }
    #expect(outcomes == [.notMatched, .matched, .notMatched, .matched])
  }

  /// Each would take minutes or years without a limit.
  @Test(arguments: [
    ("^(a+)+$", 40), ("^(a|aa|a?)+$", 100), ("(a*)*\\1b", 100), ("(?:a|a)*b$", 2000), ("\\s+$", 200_000),
    ("a.*b.*c", 100_000), ("(.*)(.*)(.*)(.*)x", 500), ("(*NO_JIT)^(a+)+$", 40), ("(?:a|b)*+x", 1 << 20),
  ])
  func catastrophesAreCutOff(_ text: String, _ count: Int) throws {
    let filler = text.hasPrefix("\\s") ? " " : "a"
    let line = String(repeating: filler, count: count) + (text.hasSuffix("$") ? "!" : "")
    let clock = ContinuousClock()
    var result = LineMatcher.Outcome.matched
    let time = try clock.measure { result = try outcome(Pattern(text), line) }
    #expect(result != .matched)
    // Some 50 ms; a busy machine takes longer, and none would end otherwise.
    #expect(time < .seconds(3), "\(text): \(time)")
  }

  @Test func aLimitCountsAsAnErrorOncePerPipelineAndLine() throws {
    let bad = Pattern("^(a+)+$")
    let scanner = try Scanner(pipelines: [
      try pipeline([Rule(matches: [bad, Pattern("a!")], excludes: [bad])]), try pipeline([Rule(matches: [bad])]),
    ])
    let counts = scanner.scan(batch(String(repeating: "a", count: 40) + "!\naaa\n")).map { $0[0].lines.count }
    #expect(counts == [1, 1])
    #expect(scanner.matchLimitCounts == [1, 1])
  }

  /// 25 ms for each would be two minutes and a half for these lines.
  @Test func aBatchOfLinesThatAreCutOffTakesNoLongerThanSomeOfThem() throws {
    let bad = String(repeating: "a", count: 30) + "!\n"
    let text = String(repeating: bad, count: 5000) + String(repeating: "b", count: 5000) + "\naaa\n"
    let scanner = try Scanner(pipelines: [try pipeline([Rule(matches: [Pattern("^(a+)+$"), Pattern("b{5000}$")])])])
    for round in 1...2 {
      let time = ContinuousClock().measure {
        #expect(scanner.scan(batch(text))[0][0].lines.count == 2, "short lines, and long ones, still match")
      }
      #expect(scanner.matchLimitCounts == [5000 * round])
      #expect(time < .seconds(20), "\(time)")
    }
  }

  @Test func longLinesAreSearchedWhole() throws {
    let filler = String(repeating: "é ", count: 300_000)
    #expect(try matches(Pattern("needle"), filler + "needle"))
    #expect(try matches(Pattern("(?<=é )needle$"), filler + "needle"))
    #expect(try outcome(Pattern("needlf"), filler + "needle") == .notMatched)
  }
}
