import SystemPackage

/// A mapping of the config as a reader of options sees it: asks by key, reports what is wrong where it stands.
///
/// A key that is never asked for is unknown, and is reported as such, with the nearest key that was asked for.
public struct ConfigMapping {
  /// The scalar at `key` as text, environment variables filled in; nil if absent or wrong (then reported).
  public mutating func text(_ key: String) -> String? { nil }

  /// One or several texts: a scalar or a list of scalars. Empty if absent or wrong (then reported).
  public mutating func texts(_ key: String) -> [String] { [] }

  /// `true` or `false`; nil if absent or wrong (then reported).
  public mutating func flag(_ key: String) -> Bool? { nil }

  /// A whole number within `range`; nil if absent or wrong (then reported).
  public mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? { nil }

  /// `500ms 30s 5m 1h 30d`, more than zero; nil if absent or wrong (then reported).
  public mutating func duration(_ key: String) -> Duration? { nil }

  /// `64KiB 1MiB 2GiB`, `10MB` = 10,000,000, in bytes, more than zero; nil if absent or wrong (then reported).
  public mutating func size(_ key: String) -> Int? { nil }

  /// A path; a relative one is relative to the file that names it. Nil if absent or wrong (then reported).
  public mutating func path(_ key: String) -> FilePath? { nil }

  /// One of the cases, by raw value; nil if absent or wrong (then reported with "did you mean").
  public mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Value.Type
  ) -> Value? { nil }

  /// A mapping within this one; nil if absent or wrong (then reported).
  public mutating func mapping<Value>(_ key: String, _ read: (inout ConfigMapping) -> Value) -> Value? { nil }

  /// Whether the key is there, whatever it holds. Does not count as asking for it.
  public func has(_ key: String) -> Bool { false }

  /// Reports an error at the value of `key`, or at the mapping where the key is absent.
  public func problem(at key: String, _ message: String) {}

  /// Takes a key that the contract has and this version cannot honour yet: reported at the key if present.
  public mutating func unavailable(_ key: String) {}
}
