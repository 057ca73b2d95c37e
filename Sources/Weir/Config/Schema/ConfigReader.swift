import SystemPackage

/// Reads a config and what it includes into a plan.
struct ConfigReader {
  private let reading: ConfigReading
  private let main: ConfigSource
  private var database: FilePath?
  private var log = LogPlan()
  private var slowBatch: Duration?
  private var sinks: [YAMLNode] = []
  private var pipelines: [YAMLNode] = []
  /// Whether everything that was included could be read as YAML.
  private var isWhole = true

  private init(main: ConfigSource, reading: ConfigReading) {
    self.main = main
    self.reading = reading
  }

  /// - Throws: all problems at once.
  static func plan(_ main: ConfigSource, reading: ConfigReading) throws(ConfigErrors) -> Plan {
    var reader = ConfigReader(main: main, reading: reading)
    let plan = reader.read()
    guard let plan, reading.problems.isEmpty else { throw reading.problems.errors }
    return plan
  }

  private mutating func read() -> Plan? {
    guard let source = main.text(problems: reading.problems) else { return nil }
    let problemCount = reading.problems.count
    guard let root = YAMLReader.read(source, problems: reading.problems) else {
      if reading.problems.count == problemCount {
        reading.problems.add("the config is empty; it needs \"pipelines\"", at: source.start)
      }
      return nil
    }
    var includes: YAMLNode?
    var isNamed = false
    guard (reading.mapping(root, what: "the config") { includes = readMain(&$0, isNamed: &isNamed) }) != nil else {
      return nil
    }
    if let includes { readIncludes(includes) }
    let roster = SinkRoster(reading: reading)
    sinks.forEach(roster.declare)
    var reader = PipelineReader(reading: reading, roster: roster)
    for node in pipelines { reader.read(node) }
    if reader.count == 0, isWhole, !isNamed {
      reading.problems.add("no pipelines; a config needs at least one", at: pipelines.first?.place ?? root.place)
    }
    let plans = reader.plans()
    return Plan(
      source: main.path, database: database ?? defaultDatabase(beside: source), log: log, slowBatch: slowBatch,
      sinks: roster.plans, pipelines: plans)
  }

  /// Returns what is included. `isNamed`: whether a key looks like a misspelt `pipelines`.
  private mutating func readMain(_ mapping: inout ConfigMapping, isNamed: inout Bool) -> YAMLNode? {
    let includes = mapping.node("include")
    database = mapping.path("database")
    mapping.mapping("log") { log in
      self.log.level = log.choice("level", of: LogPlan.Level.self) ?? self.log.level
      self.log.format = log.choice("format", of: LogPlan.Format.self) ?? self.log.format
    }
    mapping.mapping("timing") { slowBatch = $0.duration("slow_batch") }
    mapping.unavailable("http")
    mapping.unavailable("control")
    readShared(&mapping)
    isNamed = pipelines.isEmpty && mapping.keys.contains { Suggestion.nearest(to: $0.key, in: ["pipelines"]) != nil }
    return includes
  }

  /// What every file may hold.
  private mutating func readShared(_ mapping: inout ConfigMapping) {
    if let node = mapping.node("sinks") { sinks.append(node) }
    if let node = mapping.node("pipelines") { pipelines.append(node) }
    mapping.unavailable("tests")
  }

  private mutating func readIncludes(_ node: YAMLNode) {
    for file in IncludeReader(main: main, reading: reading).files(node) {
      let problemCount = reading.problems.count
      let source = file.text(problems: reading.problems)
      if let source, let root = YAMLReader.read(source, problems: reading.problems) {
        _ = reading.mapping(root, what: "an included file") { mapping in
          readShared(&mapping)
          for key in ["include", "database", "http", "control", "log", "timing"] {
            mapping.misplaced(key, "\(key.quoted) belongs in the main file; an included one holds pipelines and sinks")
          }
        }
      }
      if reading.problems.count > problemCount { isWhole = false }
    }
  }

  /// systemd names the unit's folder; a unit may have several, then the first is its own.
  private func defaultDatabase(beside source: SourceText) -> FilePath {
    let states = reading.environment["STATE_DIRECTORY"] ?? ""
    guard let first = states.split(separator: ":").first else { return source.folder.appending("weir.db") }
    return FilePath(String(first)).appending("weir.db")
  }
}
