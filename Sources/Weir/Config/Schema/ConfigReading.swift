/// What all readers of one config share. Lives as long as the reading.
final class ConfigReading {
  let problems = Problems()
  let environment: [String: String]
  let catalog: SinkCatalog

  init(catalog: SinkCatalog, environment: [String: String]) {
    self.catalog = catalog
    self.environment = environment
  }

  /// The text of a scalar; nil if it is none or lacks something of the environment (then reported). `key:` with nothing
  /// behind it is a slip, as an empty text is written `''`. `what` names the value in an error.
  func text(of node: YAMLNode, what: String) -> ConfigText? {
    switch node.content {
    case .scalar where node.isEmpty:
      problems.add("\(what) has no value", at: node.place)
      return nil
    case .scalar(let scalar): return ConfigText(scalar, at: node.place, reading: self)
    case .reported: return nil
    case .list, .mapping:
      problems.add("\(what) must be text, not \(node.kind)", at: node.place)
      return nil
    }
  }

  /// The texts of a scalar or of a list of scalars, as far as they are right.
  func texts(of node: YAMLNode, what: String) -> [ConfigText] {
    node.items.compactMap { text(of: $0, what: what) }
  }

  /// Reads a mapping and reports the keys that `read` did not ask for. Nil if it is none (then reported).
  func mapping<Value>(
    _ node: YAMLNode, what: String, _ read: (inout ConfigMapping) -> Value
  ) -> Value? {
    var mapping: ConfigMapping
    switch node.content {
    case .mapping(let entries):
      mapping = ConfigMapping(entries: entries, name: what, place: node.place, reading: self)
    case .scalar where node.isEmpty:
      mapping = ConfigMapping(entries: [], name: what, place: node.place, reading: self)
    case .reported: return nil
    case .scalar, .list:
      problems.add("\(what) must be a mapping, not \(node.kind)", at: node.place)
      return nil
    }
    let value = read(&mapping)
    mapping.reportUnknownKeys()
    return value
  }
}
