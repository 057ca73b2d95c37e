extension Pattern {
  /// Compiles the pattern and throws it away.
  ///
  /// - Throws: what is wrong with it, and where.
  public func check() throws(PatternError) { _ = try CompiledPattern(self, isOnlyChecked: true) }

  /// Named groups in order of appearance; none of a pattern that cannot be compiled.
  public var groupNames: [String] { (try? CompiledPattern(self, isOnlyChecked: true))?.groupNames ?? [] }
}
