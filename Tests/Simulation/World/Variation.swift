import SystemPackage

@testable import Weir

/// What of a config may be another after a reload.
struct Variation: Equatable {
  var name = "all"
  var hasPrinter: Bool
  var hasSecondStore: Bool

  /// As a world begins.
  init(_ setting: Setting) {
    hasPrinter = setting.hasPrinter
    hasSecondStore = setting.hasSecondStore
  }

  /// Changes one thing.
  mutating func vary(_ random: inout Random) {
    switch random.number(0...2) {
    case 0: name = name == "all" ? "everything" : "all"
    case 1: hasPrinter.toggle()
    default: hasSecondStore.toggle()
    }
  }

  /// The config.
  ///
  /// - Parameter record: what printers do with a line.
  func plan(in setting: Setting, record: @escaping @Sendable (_ line: String) -> Void) -> Plan {
    var sinks = [SinkPlan(name: "sqlite", kind: "sqlite", recipe: SQLiteRecipe())]
    if hasSecondStore {
      sinks.append(SinkPlan(name: "archive", kind: "sqlite", recipe: SQLiteRecipe(path: Databases.archive)))
    }
    if hasPrinter {
      sinks.append(SinkPlan(name: "printer", kind: "printer", recipe: RecordingPrinter.Recipe(record: record)))
    }
    let rules = setting.hasFilter ? [Rule(matches: [Pattern(" keep ", isFixed: true)])] : []
    let pipeline = PipelinePlan(
      label: PipelineLabel(name: name, fields: []),
      follow: [FollowPlan(paths: setting.follow, start: .beginning)],
      trunk: BranchPlan(rules: rules, sinks: Array(sinks.indices)))
    return Plan(
      // Of what has no source the names are made up, and no pipeline takes over what another one left.
      source: setting.has(.config) ? "/etc/weir.yaml" : nil, database: Databases.main,
      log: LogPlan(level: .debug, format: .text), sinks: sinks, pipelines: [pipeline])
  }
}
