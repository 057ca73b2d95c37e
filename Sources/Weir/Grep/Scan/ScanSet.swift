/// A set of characters as the scan sees them: which ASCII characters, and whether any other.
///
/// The scan reads bytes. A character beyond ASCII is two to four bytes from 0x80 on, and which one it is is not
/// asked, so that Unicode's version, case and invalid bytes are PCRE2's matter alone. LF is in no set: it is in no line.
struct ScanSet: Equatable, Sendable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0
  /// Whether characters beyond ASCII are in it.
  var hasOthers = false

  static let none = ScanSet()
  static let all = ScanSet.none.inverted
  static let digits = ScanSet("0"..."9")
  static let letters = ScanSet("a"..."z").union(ScanSet("A"..."Z"))
  static let wordCharacters = letters.union(digits).union(ScanSet("_"..."_"))
  static let spaces = ScanSet("\t"..."\r").union(ScanSet(" "..." "))

  init() {}

  /// These ASCII characters; LF is left out.
  init(_ range: ClosedRange<Unicode.Scalar>) {
    for value in range.lowerBound.value...min(0x7F, range.upperBound.value) { insert(UInt8(value)) }
  }

  /// Adds an ASCII character; LF is left out.
  mutating func insert(_ byte: UInt8) {
    guard byte != 0x0A else { return }
    if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
  }

  /// Whether an ASCII character is in it.
  func contains(_ byte: UInt8) -> Bool {
    byte < 64 ? low >> UInt64(byte) & 1 == 1 : byte < 128 && high >> UInt64(byte - 64) & 1 == 1
  }

  func union(_ other: ScanSet) -> ScanSet {
    var set = self
    set.low |= other.low
    set.high |= other.high
    set.hasOthers = hasOthers || other.hasOthers
    return set
  }

  /// What is not in it; characters beyond ASCII always: a set that has some of them seldom has all.
  var inverted: ScanSet {
    var set = ScanSet()
    set.low = ~low & ~(1 << 10)
    set.high = ~high
    set.hasOthers = true
    return set
  }

  /// With the other case of each letter, and with what folds to ASCII from beyond it: K (Kelvin) and ſ (long s).
  var caseless: ScanSet {
    var set = self
    let letters = high & 0x07FF_FFFE_07FF_FFFE
    set.high |= (letters << 32 | letters >> 32) & 0x07FF_FFFE_07FF_FFFE
    if "kKsS".utf8.contains(where: contains) { set.hasOthers = true }
    if hasOthers { for byte in "kKsS".utf8 { set.insert(byte) } }
    return set
  }

  /// Whether any ASCII character is in it.
  var hasASCII: Bool { low | high != 0 }
  var isEmpty: Bool { !hasASCII && !hasOthers }
}
