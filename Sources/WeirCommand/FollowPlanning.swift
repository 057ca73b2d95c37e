import Glibc
import SystemPackage
import Weir

extension FollowCommand {
  /// The plan that the command line stands for: one pipeline, to a printer or a count, and a store if one is named.
  func plan() throws -> Plan {
    let here = workingDirectory
    let rules = patterns.map { text -> Rule in
      invert ? Rule(excludes: [pattern(text)]) : Rule(matches: [pattern(text)])
    }
    let follow = FollowPlan(
      paths: files.map { $0 == "-" ? "-" : here.pushing(FilePath($0)).lexicallyNormalized() },
      start: once && lines == 0 ? .beginning : lines > 0 ? .lastLines(lines) : .end)
    var sinks = [
      count
        ? SinkPlan(name: "count", kind: "count", recipe: CountPrinter.Recipe())
        : SinkPlan(name: "printer", kind: "printer", recipe: printer)
    ]
    let database = sqlite.map { here.pushing(FilePath($0)).lexicallyNormalized() }
    if let database {
      sinks.append(SinkPlan(name: "sqlite", kind: "sqlite", recipe: SQLiteRecipe(path: database)))
    }
    return Plan(
      database: database, sinks: sinks,
      pipelines: [
        PipelinePlan(
          label: PipelineLabel(name: "follow", fields: fields), follow: [follow],
          trunk: BranchPlan(rules: rules, sinks: Array(sinks.indices)))
      ])
  }

  /// Several files have their path before each line, as with tail and grep; so has a glob.
  private var printer: PrinterRecipe {
    let isSeveral = files.count > 1 || files.contains(where: Self.isGlob)
    return PrinterRecipe(format: json ? .json : .text, prefixesPath: isSeveral && !json)
  }

  /// Named groups, in order of appearance, each once.
  private var fields: [String] {
    guard !invert else { return [] }
    return patterns.flatMap { pattern($0).groupNames }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var workingDirectory: FilePath {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return FilePath(platformString: path)
  }
}
