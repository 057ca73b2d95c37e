import Testing

@testable import Weir

/// Vectorscan's literal matchers against the plainest search: what they miss, nobody would see. Lengths and
/// alignments around the width of vectors, from one literal to hundreds: each is other code of the library.
@Suite struct LiteralScanTests {
  @Test(arguments: [1, 2, 3, 8, 40, 300], 0..<3)
  func everyOccurrenceIsReported(_ count: Int, _ seed: Int) throws {
    var dice = Dice(seed: UInt64(1000 * count + seed))
    for _ in 0..<6 {
      let alphabet = Array(dice.pick(["ab", "abAB", "abcKkSs 01:-", "éшЖ x"]).utf8)
      let literals = (0..<count).map { _ in
        ScanLiterals.Literal(
          bytes: (0..<(2 + dice.below(18))).map { _ in dice.pick(alphabet) }, ignoresCase: dice.below(3) == 0)
      }
      let entries = literals.enumerated().map { ScanDatabase.Entry(pattern: $0, literals: ScanLiterals([$1])) }
      let database = try #require(ScanDatabase(entries))
      for _ in 0..<8 {
        var bytes = (0..<(1 + dice.below(260))).map { _ in dice.pick(alphabet + [10]) }
        for _ in 0..<4 {
          let planted = dice.pick(literals).bytes
          let room = bytes.count - planted.count
          guard room >= 0 else { continue }
          let place = dice.pick([0, room, dice.below(room + 1)])
          bytes.replaceSubrange(place..<place + planted.count, with: planted)
        }
        #expect(found(by: database, in: bytes, patterns: count, skip: dice.below(64)) == expected(literals, in: bytes))
      }
    }
  }

  /// For each line, the literals in it, as the scan reports them; the bytes stand `skip` behind an aligned place.
  private func found(by database: ScanDatabase, in bytes: [UInt8], patterns: Int, skip: Int) -> Set<[Int]> {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + skip, alignment: 64)
    var hits = HitList(patternCount: patterns)
    defer {
      memory.deallocate()
      hits.free()
    }
    let place = UnsafeMutableRawBufferPointer(rebasing: memory[skip...])
    place.copyBytes(from: bytes)
    hits.begin(in: LineBounds(UnsafeRawBufferPointer(place)))
    database.scan(UnsafeRawBufferPointer(place), into: &hits)
    return Set((0..<hits.count).map { [Int(hits.hits[$0].start), Int(hits.hits[$0].pattern)] })
  }

  private func expected(_ literals: [ScanLiterals.Literal], in bytes: [UInt8]) -> Set<[Int]> {
    func folded(_ bytes: some Sequence<UInt8>, _ isFolded: Bool) -> [UInt8] {
      bytes.map { isFolded && UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 + 32 : $0 }
    }
    var expected: Set<[Int]> = []
    for range in bytes.split(separator: 10, omittingEmptySubsequences: false).map(\.indices) {
      let lines = [folded(bytes[range], false), folded(bytes[range], true)]
      for (place, literal) in literals.enumerated() {
        let sought = folded(literal.bytes, literal.ignoresCase)
        if contains(lines[literal.ignoresCase ? 1 : 0], sought) { expected.insert([range.lowerBound, place]) }
      }
    }
    return expected
  }

  private func contains(_ line: [UInt8], _ sought: [UInt8]) -> Bool {
    guard line.count >= sought.count else { return false }
    return (0...(line.count - sought.count)).contains { start in
      sought.indices.allSatisfy { line[start + $0] == sought[$0] }
    }
  }

  @Test func hitsComeInTheOrderOfTheFileWhateverTheScanDoes() {
    let bytes = Array("aa\nbb\ncc\n".utf8)
    bytes.withUnsafeBytes { bytes in
      var hits = HitList(patternCount: 2)
      defer { hits.free() }
      let bounds = LineBounds(bytes)
      hits.begin(in: bounds)
      for (pattern, end) in [(0, 8), (1, 2), (0, 1), (1, 8), (0, 8)] { hits.add(pattern: pattern, end: end) }
      hits.order()
      var lines = hits.lines(in: bounds, after: 0)
      var seen: [[Int]] = []
      while let line = lines.next() {
        seen.append([line.start] + Array(Set(line.hits.map { Int($0.pattern) })).sorted())
      }
      #expect(seen == [[0, 0, 1], [6, 0, 1]])
    }
  }

  @Test(arguments: [
    ("abc.*d", ["abc"]), ("error: \\d+ timed out$", [" timed out"]), ("(foo|barbaz)qux", ["fooqux", "barbazqux"]),
    ("^2025-.*ERROR", ["ERROR"]), ("colou?rs", ["colours", "colors"]), ("x+yz", ["yz"]), ("[Ee]rror", ["rror"]),
    ("(?<=no)yes(?!maybe)", ["yes"]), ("a\\Q.*\\Eb", ["a.*b"]), ("(?i:ab)c", ["abc"]), ("\\x61\\x{62}c", ["abc"]),
  ])
  func bestLiterals(_ text: String, _ literals: [String]) {
    let found = OutlineParser.outline(of: Pattern(text)).flatMap(ScanLiterals.init)
    #expect(found?.literals.map { String(decoding: $0.bytes, as: UTF8.self) } == literals)
  }

  @Test(arguments: [
    "\\d+", ".*", "", "(abc)?", "abc|.", "a(*ACCEPT)b", "(?(1)a|b)", "(*CR)abc", "a{,3}", "\\11abc", "(?C1)abc",
  ])
  func nothingToSeek(_ text: String) {
    #expect(OutlineParser.outline(of: Pattern(text)).flatMap(ScanLiterals.init) == nil)
  }
}
