import CPCRE2
import Testing

@testable import Weir

/// The scan's idea of case must cover PCRE2's for every code point, whatever Unicode each was made from.
@Suite struct CasePartnerTests {
  private static let scalars = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init).filter { $0 != "\n" }
  private static let cased = scalars.filter { CasePartners.all(of: $0).count > 1 }

  /// Those of `scalars` that PCRE2 takes for one in a class, ignoring case.
  private func matching(_ range: ClosedRange<Unicode.Scalar>, among text: [UInt8]) throws -> Set<Unicode.Scalar> {
    let first = String(range.lowerBound.value, radix: 16)
    let last = String(range.upperBound.value, radix: 16)
    let pattern = try CompiledPattern(Pattern("[\\x{\(first)}-\\x{\(last)}]", ignoresCase: true))
    let result = pcre2_match_data_create_8(1, nil)
    defer { pcre2_match_data_free_8(result) }
    let offsets = pcre2_get_ovector_pointer_8(result)!
    var found: Set<Unicode.Scalar> = []
    var place = 0
    while pcre2_jit_match_8(pattern.code, text, text.count, place, 0, result, nil) > 0 {
      found.formUnion(String(decoding: text[offsets[0]..<offsets[1]], as: UTF8.self).unicodeScalars)
      place = offsets[1]
    }
    return found
  }

  private func bytes(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
    scalars.flatMap { Array(String(Character($0)).utf8) }
  }

  @Test func everyPartnerOfACasedCharacterIsKnown() throws {
    let text = bytes(Self.cased)
    #expect(Self.cased.count > 2700)
    for scalar in Self.cased {
      let missed = try matching(scalar...scalar, among: text).subtracting(CasePartners.all(of: scalar))
      #expect(missed.isEmpty, "\(scalar.escaped(asASCII: true)) matches \(missed)")
    }
  }

  /// The rest, a stretch at a time: nothing outside of it is a partner, nor, by halves, anything inside of it.
  @Test func noOtherCharacterHasAPartner() throws {
    let others = Self.scalars.filter { CasePartners.all(of: $0).count == 1 }
    let text = bytes(Self.cased)
    var start = 0
    while start < others.count {
      var end = start + 1
      while end < others.count, others[end].value == others[end - 1].value + 1 { end += 1 }
      let range = others[start]...others[end - 1]
      #expect(try matching(range, among: text).isEmpty, "\(range)")
      start = end
    }
    try expectNoPartners(others[...])
  }

  private func expectNoPartners(_ scalars: ArraySlice<Unicode.Scalar>) throws {
    guard scalars.count > 1 else { return }
    let middle = scalars.startIndex + scalars.count / 2
    let (low, high) = (scalars[..<middle], scalars[middle...])
    // Cased characters in between bring their partners, which are cased and so not in the text.
    #expect(try matching(low.first!...low.last!, among: bytes(high)).isEmpty)
    try expectNoPartners(low)
    try expectNoPartners(high)
  }

  @Test func theFormOfACaselessCharacterHitsOnEveryPartner() throws {
    for scalar in Self.cased {
      let pattern = Pattern("=\(Character(scalar))=", ignoresCase: true, isFixed: true)
      let scanner = try Scanner(pipelines: [try pipeline([Rule(matches: [pattern])])])
      let partners = try matching(scalar...scalar, among: bytes(CasePartners.all(of: scalar)))
      let lines = partners.sorted().map { "-=\(Character($0))=-\n" }.joined()
      #expect(scanner.scan(batch(lines))[0][0].lines.count == partners.count, "\(scalar.escaped(asASCII: true))")
      #expect(partners.contains(scalar))
    }
  }
}
