import CLinux
import Glibc
import Testing

@testable import Weir

/// The scan must find what PCRE2 finds when it is asked about every line.
@Suite struct ScanDifferenceTests {
  /// The lines that PCRE2 matches, and with what.
  private func expected(_ matcher: LineMatcher, _ bytes: [UInt8]) -> [Selection.Line] {
    bytes.withUnsafeBytes { whole in
      lineRanges(bytes).compactMap { range in
        let line = UnsafeRawBufferPointer(rebasing: whole[range])
        guard matcher.match(line) == .matched else { return nil }
        let match = matcher.matchedRange
        return Selection.Line(
          start: Int32(range.lowerBound), end: Int32(range.upperBound),
          matchStart: Int32(range.lowerBound + match.lowerBound),
          matchEnd: Int32(range.lowerBound + match.upperBound))
      }
    }
  }

  @Test(arguments: 0..<12)
  func scannerFindsWhatPCRE2Finds(_ seed: Int) throws {
    var random = RandomPattern(seed: UInt64(seed) &* 7919 &+ 1)
    var compiled = 0
    var scanned = 0
    while compiled < 120 {
      let pattern = random.pattern()
      guard let table = try? PatternTable([pattern]) else { continue }
      compiled += 1
      if literals(of: pattern) != nil { scanned += 1 }
      let bytes = random.lines(count: 40, like: pattern.text)
      let plan = try pipeline([Rule(matches: [pattern])])
      let found = try Scanner(pipelines: [plan]).scan(batch(bytes))[0][0].lines
      let expected = expected(table.slots[0].matcher, bytes)
      #expect(found == expected, "seed \(seed): \(pattern) \(String(describing: literals(of: pattern))) on \(bytes)")
    }
    // The test is about the scan: it must take part.
    #expect(scanned > 50)
  }

  /// Patterns whose literals are too short for the scan to be worth it are sought too: the literals are what is tested.
  @Test(arguments: 0..<12)
  func everyMatchHasALiteralOfItsPattern(_ seed: Int) throws {
    var random = RandomPattern(seed: UInt64(seed) &* 104_729 &+ 3)
    var scanned = 0
    while scanned < 120 {
      let pattern = random.pattern()
      guard let table = try? PatternTable([pattern]), let literals = literals(of: pattern) else { continue }
      let bytes = random.lines(count: 40, like: pattern.text)
      let expected = expected(table.slots[0].matcher, bytes).map(\.start)
      let database = try #require(ScanDatabase([ScanDatabase.Entry(pattern: 0, literals: literals)]))
      scanned += 1
      let missed = Set(expected).subtracting(hitLines(database, bytes))
      #expect(missed.isEmpty, "seed \(seed): \(pattern) by \(literals) misses \(missed) of \(bytes)")
    }
  }

  private func hitLines(_ database: ScanDatabase, _ bytes: [UInt8]) -> [Int32] {
    var hits = HitList(patternCount: 1)
    defer { hits.free() }
    return bytes.withUnsafeBytes { bytes in
      guard !bytes.isEmpty else { return [] }
      hits.begin(in: LineBounds(bytes))
      database.scan(bytes, into: &hits)
      return (0..<hits.count).map { hits.hits[$0].start }
    }
  }

  private func literals(of pattern: Pattern) -> ScanLiterals? {
    OutlineParser.outline(of: pattern).flatMap(ScanLiterals.init)
  }

  @Test func manyPipelinesFindWhatEachFindsAlone() throws {
    var random = RandomPattern(seed: 99)
    for _ in 0..<10 {
      var plans: [PipelinePlan] = []
      while plans.count < 30 {
        let rule = Rule(matches: [random.pattern()], excludes: plans.count % 3 == 0 ? [random.pattern()] : [])
        if let plan = try? pipeline([rule]), (try? Scanner(pipelines: [plan])) != nil { plans.append(plan) }
      }
      let batch = batch(random.lines(count: 300, like: "error ошибка abc ks 10"))
      let together = try Scanner(pipelines: plans).scan(batch)
      for (plan, found) in zip(plans, together) {
        let alone = try Scanner(pipelines: [plan]).scan(batch)[0]
        #expect(found[0].lines == alone[0].lines, "\(plan.trunk.rules)")
        #expect(found[0].captures == alone[0].captures)
      }
    }
  }

  /// GNU grep agrees on files with NULs and bytes that are not UTF-8.
  @Test(arguments: ["abc|k.s", "[0-9]+ ", "о.*а", "^$", "a[a-z0-9]", "x(?=1)|b$", "(?i)ks", "[^a-zа-я ]", "(.)\\1"])
  func sameLinesAsGrep(_ text: String) throws {
    var random = RandomPattern(seed: 5)
    let bytes = random.lines(count: 3000, like: "abks ошибка 10")
    // grep keeps the CR of CRLF in the line; weir does not.
    let plain = bytes.filter { $0 != 13 } + [10]
    var name = Array("/tmp/weir-grep-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    #expect(write(file, plain, plain.count) == plain.count)
    close(file)
    let path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { unlink(path) }
    let command = "LC_ALL=C.UTF-8 /usr/bin/grep -a -n -P '\(text)' '\(path)' | cut -d: -f1"
    let pipe = try #require(popen(command, "r"))
    var numbers: [Int] = []
    var buffer = [CChar](repeating: 0, count: 64)
    while fgets(&buffer, 64, pipe) != nil {
      numbers.append(Int(atol(buffer)) - 1)
    }
    pclose(pipe)
    let starts = lineRanges(plain).map { Int32($0.lowerBound) }
    let found = try Scanner(pipelines: [try pipeline([Rule(matches: [Pattern(text)])])]).scan(batch(plain))[0][0]
    #expect(!numbers.isEmpty)
    #expect(found.lines.map(\.start) == numbers.map { starts[$0] })
  }
}
