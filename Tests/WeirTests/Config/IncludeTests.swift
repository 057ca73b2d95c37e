import Glibc
import SystemPackage
import Testing

@testable import Weir

@Suite struct IncludeTests {
  private func load(_ path: FilePath) -> Result<Plan, ConfigErrors> {
    do throws(ConfigErrors) {
      return .success(try ConfigFile.load(path, catalog: .test, environment: [:]))
    } catch { return .failure(error) }
  }

  private let included = "pipelines: { follow: x.log, broadcast: out }\n"

  @Test func filesHoldPipelinesAndSinks() throws {
    try withFolder { folder in
      try write("include: [conf.d/*.yaml, more.yaml]\n", to: folder.appending("weir.yaml"))
      try write("sinks: { out: printer }\n", to: folder.appending("conf.d/a.yaml"))
      try write(included, to: folder.appending("conf.d/b.yaml"))
      try write("# nothing yet\n", to: folder.appending("conf.d/c.yaml"))
      try write("pipelines: { follow: y.log, broadcast: out }\n", to: folder.appending("more.yaml"))
      let plan = try load(folder.appending("weir.yaml")).get()
      #expect(plan.pipelines.map(\.label.name) == ["x", "y"])
      #expect(plan.pipelines[0].follow[0].paths == [folder.appending("conf.d/x.log")])
      #expect(plan.sinks.map(\.name) == ["out"])
    }
  }

  @Test func aGlobMayMatchNothingButANameMustExist() throws {
    try withFolder { folder in
      let main = folder.appending("weir.yaml")
      try write("include: none.d/*.yaml\n" + pipeline("broadcast: printer"), to: main)
      #expect(try load(main).get().pipelines.count == 1)
      try write("include: none.yaml\n" + pipeline("broadcast: printer"), to: main)
      #expect(
        throws: ConfigErrors.self,
        performing: { try load(main).get() })
      guard case .failure(let errors) = load(main) else { return }
      #expect(
        errors.problems.map(\.message) == ["cannot read \"\(folder)/none.yaml\": No such file or directory"])
      #expect(errors.problems.map(\.column) == [10])
    }
  }

  @Test func theFoldersNameIsNoPattern() throws {
    try withFolder { folder in
      let main = folder.appending("[x]*/weir.yaml")
      try write("include: c*.yaml\nsinks: { out: printer }\n", to: main)
      try write(included, to: folder.appending("[x]*/c.yaml"))
      #expect(try load(main).get().pipelines.count == 1)
    }
  }

  @Test func mainIsNotIncludedAgainNorAFileTwice() throws {
    try withFolder { folder in
      let main = folder.appending("weir.yaml")
      try write("include: ['*.yaml', b.yaml]\nsinks: { out: printer }\n", to: main)
      try write(included, to: folder.appending("b.yaml"))
      #expect(try load(main).get().pipelines.count == 1)
    }
  }

  @Test func errorsOfAllFilesAreNamedInOrder() throws {
    try withFolder { folder in
      let main = folder.appending("weir.yaml")
      try write("include: conf.d/*\nsinks: { out: prnter }\n", to: main)
      try write("include: x\nlog: {}\n", to: folder.appending("conf.d/a.yaml"))
      try write("pipelines: [\n", to: folder.appending("conf.d/b.yaml"))
      try write("sinks: { OUT: printer }\n", to: folder.appending("conf.d/c.yaml"))
      guard case .failure(let errors) = load(main) else {
        Issue.record("no errors")
        return
      }
      let shown = errors.problems.map { problem in
        let file = problem.file.dropFirst(folder.string.count + 1)
        return "\(file):\(problem.line ?? 0):\(problem.column ?? 0) \(problem.message)"
      }
      #expect(
        shown == [
          "weir.yaml:2:15 unknown kind of sink \"prnter\"; did you mean \"printer\"?",
          "conf.d/a.yaml:1:1 \"include\" belongs in the main file; an included one holds pipelines and sinks",
          "conf.d/a.yaml:2:1 \"log\" belongs in the main file; an included one holds pipelines and sinks",
          "conf.d/b.yaml:1:13 did not find expected node content while parsing a flow node",
          "conf.d/c.yaml:1:10 sink \"OUT\" is named already at \(folder)/weir.yaml:2:10",
        ])
      #expect(
        errors.description.hasSuffix(
          "5 errors in \(main), \(folder)/conf.d/a.yaml, \(folder)/conf.d/b.yaml, \(folder)/conf.d/c.yaml"))
    }
  }

  @Test func filesThatCannotBeReadOrAreTooLarge() throws {
    try withFolder { folder in
      let main = folder.appending("weir.yaml")
      guard case .failure(let missing) = load(main) else { return #expect(Bool(false)) }
      #expect(
        missing.description == "\(main): error: cannot be read: No such file or directory\n1 error in \(main)")
      guard case .failure(let isFolder) = load(folder) else { return #expect(Bool(false)) }
      #expect(isFolder.description.contains("cannot be read: Is a directory"))
      try write([UInt8](repeating: UInt8(ascii: "#"), count: (1 << 20) + 1), to: main)
      guard case .failure(let large) = load(main) else { return #expect(Bool(false)) }
      #expect(large.description.contains("larger than 1 MiB"))
      try write([UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20), to: main)
      guard case .failure(let empty) = load(main) else { return #expect(Bool(false)) }
      #expect(empty.description.contains("the config is empty"))
    }
  }
}
