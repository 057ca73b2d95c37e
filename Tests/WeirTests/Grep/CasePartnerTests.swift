import CPCRE2
import Testing

@testable import Weir

/// The scan's idea of case must cover PCRE2's for every code point, whatever Unicode each was made from.
@Suite struct CasePartnerTests {
  /// Characters one behind the other, and where each begins.
  private struct Text {
    var scalars: [Unicode.Scalar] = []
    var bytes: [UInt8] = []
    var starts: [Int] = []

    init(_ scalars: [Unicode.Scalar]) {
      self.scalars = scalars
      bytes.reserveCapacity(4 * scalars.count)
      starts.reserveCapacity(scalars.count + 1)
      for scalar in scalars {
        starts.append(bytes.count)
        for byte in UTF8.encode(scalar).unsafelyUnwrapped { bytes.append(byte) }
      }
      starts.append(bytes.count)
    }
  }

  private static let scalars = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init)
  private static let cased = Text(scalars.filter { CasePartners.all(of: $0).count > 1 })
  private static let others = Text(scalars.filter { CasePartners.all(of: $0).count == 1 })

  /// Those of `text[place]` that PCRE2, ignoring case, takes for one of `range`.
  private func matching(
    _ range: ClosedRange<Unicode.Scalar>, in text: Text, at places: Range<Int>
  ) throws -> [Unicode.Scalar] {
    let first = String(range.lowerBound.value, radix: 16)
    let last = String(range.upperBound.value, radix: 16)
    let pattern = try CompiledPattern(Pattern("[\\x{\(first)}-\\x{\(last)}]", ignoresCase: true))
    let result = pcre2_match_data_create_8(1, nil)
    defer { pcre2_match_data_free_8(result) }
    let offsets = pcre2_get_ovector_pointer_8(result)!
    let end = text.starts[places.upperBound]
    var found: [Unicode.Scalar] = []
    var place = text.starts[places.lowerBound]
    while pcre2_jit_match_8(pattern.code, text.bytes, end, place, 0, result, nil) > 0 {
      found += String(decoding: text.bytes[offsets[0]..<offsets[1]], as: UTF8.self).unicodeScalars
      place = offsets[1]
    }
    return found
  }

  @Test func everyPartnerOfACasedCharacterIsKnown() throws {
    let text = Self.cased
    #expect(text.scalars.count > 2700)
    for scalar in text.scalars {
      let found = try matching(scalar...scalar, in: text, at: text.scalars.indices)
      let known = CasePartners.all(of: scalar)
      let missed = found.filter { !known.contains($0) }
      #expect(missed.isEmpty, "\(scalar.escaped(asASCII: true)) matches \(missed)")
      #expect(found.contains(scalar))
    }
  }

  /// The rest, a stretch at a time: nothing outside of it is a partner.
  @Test func noOtherCharacterHasACasedPartner() throws {
    let others = Self.others.scalars
    var start = 0
    while start < others.count {
      var end = start + 1
      while end < others.count, others[end].value == others[end - 1].value + 1 { end += 1 }
      let range = others[start]...others[end - 1]
      #expect(try matching(range, in: Self.cased, at: Self.cased.scalars.indices).isEmpty, "\(range)")
      start = end
    }
  }

  /// By halves: no character of the one is a partner of one of the other.
  @Test func noOtherCharacterHasAnotherPartner() throws {
    try expectNoPartners(Self.others.scalars.indices)
  }

  private func expectNoPartners(_ places: Range<Int>) throws {
    // Beyond U+20000 nothing has case; there, close neighbours are not told apart.
    guard places.count > (Self.others.scalars[places.lowerBound].value < 0x20000 ? 1 : 4096) else { return }
    let middle = places.lowerBound + places.count / 2
    let low = Self.others.scalars[places.lowerBound]...Self.others.scalars[middle - 1]
    // Cased characters in between bring their partners, which are cased and so not in the text.
    #expect(try matching(low, in: Self.others, at: middle..<places.upperBound).isEmpty)
    try expectNoPartners(places.lowerBound..<middle)
    try expectNoPartners(middle..<places.upperBound)
  }

  @Test func aCaselessCharacterIsFoundInEveryCase() throws {
    let text = Self.cased
    var first = 0
    while first < text.scalars.count {
      let places = first..<min(first + 400, text.scalars.count)
      first = places.upperBound
      let plans = try places.map { place in
        let pattern = Pattern("\(place)=\(Character(text.scalars[place]))=", ignoresCase: true, isFixed: true)
        return try pipeline([Rule(matches: [pattern])])
      }
      var lines = ""
      var counts: [Int] = []
      for place in places {
        let scalar = text.scalars[place]
        let partners = try matching(scalar...scalar, in: text, at: text.scalars.indices)
        counts.append(partners.count)
        for partner in partners { lines += "\(place)=\(Character(partner))=\n" }
      }
      #expect(try Scanner(pipelines: plans).scan(batch(lines)).map { $0[0].lines.count } == counts)
    }
  }
}
