/// What is known of a pattern's matches without matching: which characters stand where, and where anything may stand.
///
/// An outline is always as wide as its pattern or wider.
indirect enum PatternOutline: Equatable, Sendable {
  /// One character: its bytes, in each way that it may be written. `ignoresCase` is about the ASCII letters among
  /// them, which are written small then; the ways are what else is equal.
  case character([[UInt8]], ignoresCase: Bool)
  /// Any bytes, or none.
  case anything
  /// One behind the other, with nothing in between.
  case sequence([PatternOutline])
  /// Any of them.
  case either([PatternOutline])

  /// No bytes.
  static let nothing = PatternOutline.sequence([])
}
