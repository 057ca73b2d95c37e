import SystemPackage

/// A mapping of the config as a reader of options sees it: asks by key, reports what is wrong where it stands.
///
/// A key that is never asked for is unknown, and is reported as such, with the nearest key that was asked for.
public struct ConfigMapping {
  /// What errors call it: `grep`, `sqlite`.
  let name: String
  /// Where errors about the whole of it point.
  let place: Place
  let reading: ConfigReading
  private let entries: [YAMLEntry]
  private var asked: [String] = []
  private var unavailableKeys: Set<String> = []

  init(entries: [YAMLEntry], name: String, place: Place, reading: ConfigReading) {
    self.entries = entries
    self.name = name
    self.place = place
    self.reading = reading
  }

  /// The scalar at `key` as text, environment variables filled in; nil if absent or wrong (then reported).
  public mutating func text(_ key: String) -> String? { configText(key)?.text }

  /// One or several texts: a scalar or a list of scalars. Empty if absent or wrong (then reported).
  public mutating func texts(_ key: String) -> [String] {
    node(key).map { reading.texts(of: $0, what: key.quoted).map(\.text) } ?? []
  }

  /// `true` or `false`; nil if absent or wrong (then reported).
  public mutating func flag(_ key: String) -> Bool? {
    guard let value = configText(key) else { return nil }
    switch value.text {
    case "true": return true
    case "false": return false
    default:
      reading.problems.add("\(key.quoted) must be true or false, not \(value.text.quoted)", at: value.place)
      return nil
    }
  }

  /// A whole number within `range`; nil if absent or wrong (then reported).
  public mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = configText(key) else { return nil }
    if let number = Int(value.text), range.contains(number) { return number }
    let bounds = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    reading.problems.add("\(key.quoted) must be \(bounds), not \(value.text.quoted)", at: value.place)
    return nil
  }

  /// `500ms 30s 5m 1h 30d`, more than zero; nil if absent or wrong (then reported).
  public mutating func duration(_ key: String) -> Duration? {
    quantity(key) { Quantity<Duration>(duration: $0) }
  }

  /// `64KiB 1MiB 2GiB`, `10MB` = 10,000,000, in bytes, more than zero; nil if absent or wrong (then reported).
  public mutating func size(_ key: String) -> Int? {
    quantity(key) { Quantity<Int>(size: $0) }
  }

  /// A path; a relative one is relative to the file that names it. Nil if absent or wrong (then reported).
  public mutating func path(_ key: String) -> FilePath? {
    configText(key).flatMap { ConfigPath.absolute($0, what: key.quoted, problems: reading.problems) }
  }

  /// One of the cases, by raw value; nil if absent or wrong (then reported with "did you mean").
  public mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Value.Type
  ) -> Value? {
    guard let value = configText(key) else { return nil }
    if let choice = Value(rawValue: value.text) { return choice }
    let known = Value.allCases.map(\.rawValue)
    let hint = Suggestion.phrase(for: value.text, in: known, otherwise: "it is one of")
    reading.problems.add("\(value.text.quoted) is not a value of \(key.quoted)\(hint)", at: value.place)
    return nil
  }

  /// A mapping within this one; nil if absent or wrong (then reported).
  public mutating func mapping<Value>(_ key: String, _ read: (inout ConfigMapping) -> Value) -> Value? {
    node(key).flatMap { reading.mapping($0, what: key, read) }
  }

  /// Whether the key is there, whatever it holds. Does not count as asking for it.
  public func has(_ key: String) -> Bool { entry(key) != nil }

  /// Reports an error at the value of `key`, or at the mapping where the key is absent.
  public func problem(at key: String, _ message: String) {
    reading.problems.add(message, at: entry(key)?.value.place ?? place)
  }

  /// Takes a key that the contract has and this version cannot honour yet: reported at the key if present.
  public mutating func unavailable(_ key: String) {
    unavailableKeys.insert(key)
    guard let entry = entry(key) else { return }
    reading.problems.add("\(key.quoted) is not available in this version of weir", at: entry.keyPlace)
  }
}

extension ConfigMapping {
  /// What stands at `key`, for a reader that reports itself; nil if absent.
  mutating func node(_ key: String) -> YAMLNode? {
    if !asked.contains(key) { asked.append(key) }
    return entry(key)?.value
  }

  /// As `node`; an absent key is reported unless another one looks like a misspelling of it, which is reported anyway.
  mutating func required(_ key: String, _ message: String) -> YAMLNode? {
    if let node = node(key) { return node }
    let isMisspelled = entries.contains { Suggestion.nearest(to: $0.key, in: [key]) != nil }
    if !isMisspelled { reading.problems.add(message, at: place) }
    return nil
  }

  /// As `text(_:)`, with its place.
  mutating func configText(_ key: String) -> ConfigText? {
    node(key).flatMap { reading.text(of: $0, what: key.quoted) }
  }

  /// The keys that are there, in the order of the file, with where they stand.
  var keys: [(key: String, place: Place)] { entries.map { ($0.key, $0.keyPlace) } }

  /// Takes a key that does not belong here although it is one elsewhere, and says where.
  mutating func misplaced(_ key: String, _ message: String) {
    unavailableKeys.insert(key)
    guard let entry = entry(key) else { return }
    reading.problems.add(message, at: entry.keyPlace)
  }

  /// Called when the reader has run.
  func reportUnknownKeys() {
    for entry in entries where !asked.contains(entry.key) && !unavailableKeys.contains(entry.key) {
      let hint = Suggestion.phrase(for: entry.key, in: asked, otherwise: "known here:")
      reading.problems.add("unknown key \(entry.key.quoted) in \(name)\(hint)", at: entry.keyPlace)
    }
  }

  private func entry(_ key: String) -> YAMLEntry? { entries.first { $0.key == key } }

  private mutating func quantity<Value>(_ key: String, _ read: (String) -> Quantity<Value>) -> Value? {
    guard let value = configText(key) else { return nil }
    switch read(value.text) {
    case .value(let quantity): return quantity
    case .refused(let reason):
      reading.problems.add(reason, at: value.place)
      return nil
    }
  }
}
