import ArgumentParser
import Glibc
import SystemPackage
import Weir

/// `weir follow`: `tail -n0 -F FILE | grep PATTERN`, with no config.
struct FollowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Follow files and print the lines that match: tail -n0 -F FILE | grep PATTERN, with no config.",
    discussion: """
      FILE may be a glob in quotes ('/var/log/**/*.log'), or - for standard input; a file of that very name comes \
      first. Files need not exist yet, and are followed through rotation.
      """)

  @Argument(help: "Files to follow.")
  var files: [String]

  @Option(
    name: [.customShort("g"), .customLong("grep")], parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Keep lines that match; several are a chain.", valueName: "pattern"))
  var patterns: [String] = []

  @Flag(name: [.short, .customLong("ignore-case")], help: "Ignore case, in every script.")
  var ignoreCase = false

  @Flag(name: [.customShort("v"), .customLong("invert")], help: "Keep the lines that do not match.")
  var invert = false

  @Flag(name: [.customShort("F"), .customLong("fixed")], help: "Take the patterns as plain text.")
  var fixed = false

  @Flag(name: .shortAndLong, help: "Match whole words only.")
  var word = false

  @Option(name: [.customShort("n"), .customLong("lines")], help: "Begin this many lines before the end.")
  var lines = 0

  @Option(help: ArgumentHelp("Store matches in this database too, and go on there next time.", valueName: "database"))
  var sqlite: String?

  @Flag(help: "Print only the number of matching lines, at the end.")
  var count = false

  @Flag(help: "Print matches as JSON, one object a line.")
  var json = false

  @Flag(help: "Read what is there now and end; a file that is missing is an error.")
  var once = false

  func validate() throws {
    if files.isEmpty { throw ValidationError("name a file to follow") }
    if lines < 0 { throw ValidationError("-n takes a number of lines, 0 or more") }
    if count && json { throw ValidationError("--count prints a number alone: leave out --json") }
    do { _ = try inputs() } catch { throw ValidationError("\(error)") }
    for pattern in patterns {
      do { try self.pattern(pattern).check() } catch { throw ValidationError("-g '\(pattern)': \(error)") }
    }
  }

  func run() throws {
    let signals = AgentProcess.begin(reloads: false)
    let inputs = try inputs()
    if once { try Self.refuseMissing(inputs) }
    var settings = Agent.Settings()
    settings.isOnce = once
    settings.appliesStartToNewFiles = true
    try AgentProcess.run(plan(of: inputs), settings, signals)
  }

  /// Ends the command with status 1 where a file is missing, or nothing that was named is there. A glob that nothing
  /// matches beside others is said by who follows them.
  private static func refuseMissing(_ inputs: [FileArgument]) throws {
    if let missing = inputs.lazy.compactMap(\.paths).joined().first(where: { access($0.string, F_OK) != 0 }) {
      StandardError.write("weir: \(missing): \(String(cString: strerror(errno)))\n")
      throw ExitCode.failure
    }
    if inputs.contains(where: { $0.paths != nil || PathPattern.isMatched($0.pattern) }) { return }
    for glob in inputs { StandardError.write("weir: \(glob.text): no file matches\n") }
    throw ExitCode.failure
  }

  /// A pattern with the command's options.
  func pattern(_ text: String) -> Pattern {
    Pattern(text, ignoresCase: ignoreCase, isFixed: fixed, isWord: word)
  }
}
