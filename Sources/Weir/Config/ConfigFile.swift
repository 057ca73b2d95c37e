import SystemPackage

/// The way from a config file to a plan.
public struct ConfigFile {
  /// Reads and checks the config at `path` and the files that it includes; opens and changes nothing else.
  ///
  /// - Parameters:
  ///   - path: Errors show it as it is given; relative ones are relative to the current folder.
  ///   - waits: whether a pipe in its place is read, and waited for.
  /// - Throws: everything that is wrong, in one go; also when the file is missing or empty.
  public static func load(
    _ path: FilePath, waits: Bool = true, catalog: SinkCatalog, environment: [String: String]
  ) throws(ConfigErrors) -> Plan {
    try load(path, content: nil, waits: waits, catalog: catalog, environment: environment)
  }

  /// As `load`, with `text` in the place of what the file at `path` holds, which need not exist.
  public static func load(
    text: String, named path: FilePath = "weir.yaml", catalog: SinkCatalog, environment: [String: String] = [:]
  ) throws(ConfigErrors) -> Plan {
    try load(path, content: Array(text.utf8), catalog: catalog, environment: environment)
  }

  static func load(
    _ path: FilePath, content: [UInt8]?, waits: Bool = true, catalog: SinkCatalog, environment: [String: String]
  ) throws(ConfigErrors) -> Plan {
    let reading = ConfigReading(catalog: catalog, environment: environment)
    guard let source = ConfigSource(path: path, content: content, waits: waits) else {
      reading.problems.add("the current folder is not known", of: path.string)
      throw reading.problems.errors
    }
    return try ConfigReader.plan(source, reading: reading)
  }
}
