extension Pattern {
  /// A fixed string of so many bytes is always a pattern; a thousand of them need not be compiled to see that.
  private static let checkedFixedBytes = 4096

  private static let lineFeedMessage =
    "a line has no line feed in it, so that this never matches; give each line of it as a pattern of its own"

  /// Where a line feed stands without which the pattern matches nothing, as far as is seen at a glance: no group,
  /// class, or alternative is in the pattern, and no quantifier behind it.
  private var needlessLineFeed: Int? {
    let bytes = Array(text.utf8)
    guard let place = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    if isFixed { return place }
    if bytes.contains(where: { "([|".utf8.contains($0) }) { return nil }
    return bytes.indices.first {
      bytes[$0] == UInt8(ascii: "\n") && !(bytes.dropFirst($0 + 1).first.map { "?*{".utf8.contains($0) } ?? false)
    }
  }

  /// Compiles the pattern and throws it away.
  ///
  /// - Throws: what is wrong with it, and where.
  public func check() throws(PatternError) { _ = try checkedGroupNames() }

  /// Named groups in order of appearance; none of a pattern that cannot be compiled.
  public var groupNames: [String] { (try? checkedGroupNames()) ?? [] }

  /// Named groups in order of appearance.
  ///
  /// - Throws: what is wrong with the pattern, and where.
  func checkedGroupNames() throws(PatternError) -> [String] {
    let isSurelyOne = isFixed && text.utf8.count <= Self.checkedFixedBytes
    let names = isSurelyOne ? [] : try CompiledPattern(self, isOnlyChecked: true).groupNames
    if let place = needlessLineFeed { throw PatternError(message: Self.lineFeedMessage, offset: place) }
    return names
  }
}
