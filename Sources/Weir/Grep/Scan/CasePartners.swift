/// Which characters are equal when case is ignored, at least in the eyes of PCRE2: its tables may be of an older
/// Unicode than Swift's. A test holds both together for every code point.
enum CasePartners {
  /// `scalar` and every character that it may match when case is ignored.
  static func all(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    switch scalar {
    case "k", "K", "\u{212A}": return ["k", "K", "\u{212A}"]
    case "s", "S", "\u{17F}": return ["s", "S", "\u{17F}"]
    case "a"..."z": return [scalar, Unicode.Scalar(scalar.value - 32)!]
    case "A"..."Z": return [scalar, Unicode.Scalar(scalar.value + 32)!]
    default: return scalar.isASCII ? [scalar] : orbits[scalar, default: [scalar]]
    }
  }

  /// The characters beyond ASCII that case mappings join, made once when a pattern first needs them. Scripts with
  /// case end before U+20000.
  private static let orbits: [Unicode.Scalar: [Unicode.Scalar]] = {
    var orbits: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    func join(_ first: Unicode.Scalar, _ second: Unicode.Scalar) {
      guard first != second, !first.isASCII, !second.isASCII else { return }
      let members = orbits[first, default: [first]]
      guard !members.contains(second) else { return }
      let joined = members + orbits[second, default: [second]]
      for member in joined { orbits[member] = joined }
    }
    for value in UInt32(0x80)..<0x20000 {
      guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenCaseMapped else { continue }
      let properties = scalar.properties
      for mapping in [properties.lowercaseMapping, properties.uppercaseMapping, properties.titlecaseMapping] {
        let mapped = mapping.unicodeScalars
        if mapped.count == 1 { join(scalar, mapped[mapped.startIndex]) }
      }
    }
    // Pairs that Unicode 15.1 folds and that no mapping of one character joins.
    join("\u{390}", "\u{1FD3}")
    join("\u{3B0}", "\u{1FE3}")
    join("\u{FB05}", "\u{FB06}")
    return orbits
  }()
}
