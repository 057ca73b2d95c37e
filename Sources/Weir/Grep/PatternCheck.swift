extension Pattern {
  /// A fixed string of so many bytes is always a pattern; a thousand of them need not be compiled to see that.
  private static let checkedFixedBytes = 4096

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
    if isFixed, text.utf8.count <= Self.checkedFixedBytes { return [] }
    return try CompiledPattern(self, isOnlyChecked: true).groupNames
  }
}
