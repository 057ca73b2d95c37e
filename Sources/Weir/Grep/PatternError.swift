/// A pattern that cannot be compiled.
public struct PatternError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, as PCRE2 says it.
  public let message: String
  /// Where: an offset into the UTF-8 bytes of the pattern's text.
  public let offset: Int

  public var description: String { "bad pattern: \(message)" }
}
