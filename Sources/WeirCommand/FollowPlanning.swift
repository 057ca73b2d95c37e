import Glibc
import SystemPackage
import Weir

extension FollowCommand {
  /// A FILE of the command line.
  struct FileArgument {
    /// As it was written.
    let text: String
    /// What is followed.
    let pattern: FilePath
    /// What it names, as it was written, for messages; nil for a glob. Standard input is nothing that could be missing.
    let paths: [FilePath]?
  }

  /// The files of the command line. What is there under the very name is meant, as the shell gives it: `app[1].log`.
  ///
  /// - Throws: where one stands for too many paths.
  func inputs() throws -> [FileArgument] {
    let here = PathPattern.literal(workingDirectory)
    return try files.map { text in
      if text == "-" { return FileArgument(text: text, pattern: "-", paths: []) }
      var status = stat()
      let isThere = lstat(text, &status) == 0
      let written = isThere ? PathPattern.literal(FilePath(text)) : FilePath(text)
      return FileArgument(
        text: text, pattern: here.pushing(written).lexicallyNormalized(), paths: try PathPattern.paths(of: written))
    }
  }

  /// The plan that the command line stands for: one pipeline, to a printer or a count, and a store if one is named.
  func plan(of inputs: [FileArgument]) -> Plan {
    let here = workingDirectory
    let rules = patterns.map { text -> Rule in
      invert ? Rule(excludes: [pattern(text)]) : Rule(matches: [pattern(text)])
    }
    let follow = FollowPlan(
      paths: inputs.map(\.pattern),
      start: once && lines == 0 ? .beginning : lines > 0 ? .lastLines(lines) : .end)
    var sinks = [
      count
        ? SinkPlan(name: "count", kind: "count", recipe: CountPrinter.Recipe())
        : SinkPlan(name: "printer", kind: "printer", recipe: printer(for: inputs))
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
  private func printer(for inputs: [FileArgument]) -> PrinterRecipe {
    let isSeveral = inputs.count > 1 || inputs.contains { $0.paths.map { $0.count > 1 } ?? true }
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
