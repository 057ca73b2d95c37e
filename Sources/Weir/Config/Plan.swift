import SystemPackage

/// What would run: a config that was read and checked, with every name resolved. Nothing is open yet.
public struct Plan: Sendable {
  /// The config file; nil for a plan made from the command line.
  public var source: FilePath?
  /// The default store for sqlite, counter and checkpoints; nil: nothing is remembered (`weir follow`).
  public var database: FilePath?
  /// The agent's own log.
  public var log: LogPlan
  /// A batch slower than this is warned of; nil: never.
  public var slowBatch: Duration?
  /// Sinks that pipelines broadcast to, each once.
  public var sinks: [SinkPlan]
  /// In order of the config.
  public var pipelines: [PipelinePlan]

  /// A plan with these values.
  public init(
    source: FilePath? = nil, database: FilePath?, log: LogPlan = LogPlan(), slowBatch: Duration? = nil,
    sinks: [SinkPlan], pipelines: [PipelinePlan]
  ) {
    self.source = source
    self.database = database
    self.log = log
    self.slowBatch = slowBatch
    self.sinks = sinks
    self.pipelines = pipelines
  }
}

/// The agent's own log, on standard error.
public struct LogPlan: Sendable, Equatable {
  /// What is logged, from the least important on.
  public enum Level: String, Sendable, CaseIterable { case debug, info, warning, error }
  /// How a line of the log looks.
  public enum Format: String, Sendable, CaseIterable { case text, json }
  /// Default info.
  public var level: Level
  /// Default text.
  public var format: Format

  /// A log with these values.
  public init(level: Level = .info, format: Format = .text) {
    self.level = level
    self.format = format
  }
}

/// A sink that pipelines broadcast to.
public struct SinkPlan: Sendable {
  /// Its name in the config; an unnamed sink is called by its kind, with a number if there are several that differ.
  public var name: String
  /// `printer`, `sqlite`, `counter`, ...
  public var kind: String
  /// Its checked options.
  public var recipe: any SinkRecipe

  /// A sink with these values.
  public init(name: String, kind: String, recipe: any SinkRecipe) {
    self.name = name
    self.kind = kind
    self.recipe = recipe
  }
}

/// One named `follow -> grep -> broadcast`.
public struct PipelinePlan: Sendable {
  /// Name and fields.
  public var label: PipelineLabel
  /// What it follows; a file that several items select belongs to the first.
  public var follow: [FollowPlan]
  /// Its grep, sinks and branches.
  public var trunk: BranchPlan

  /// A pipeline with these values.
  public init(label: PipelineLabel, follow: [FollowPlan], trunk: BranchPlan) {
    self.label = label
    self.follow = follow
    self.trunk = trunk
  }
}

/// A chain of rules, and where what they select goes.
public struct BranchPlan: Sendable, Equatable {
  /// Each must select the line; none selects all.
  public var rules: [Rule]
  /// Places in `Plan.sinks`.
  public var sinks: [Int]
  /// Smaller pipelines inside this one.
  public var branches: [BranchPlan]

  /// A branch with these values.
  public init(rules: [Rule], sinks: [Int], branches: [BranchPlan] = []) {
    self.rules = rules
    self.sinks = sinks
    self.branches = branches
  }
}

/// One item of `grep:`. It selects a line that one of `matches` (if any) matches and none of `excludes` does.
public struct Rule: Sendable, Equatable {
  /// Any of them; empty: every line.
  public var matches: [Pattern]
  /// None of them.
  public var excludes: [Pattern]

  /// A rule with these patterns.
  public init(matches: [Pattern] = [], excludes: [Pattern] = []) {
    self.matches = matches
    self.excludes = excludes
  }
}

/// What a user wrote to be matched.
public struct Pattern: Sendable, Hashable {
  /// PCRE2 over UTF-8; plain text if `isFixed`.
  public var text: String
  /// Folds every script.
  public var ignoresCase: Bool
  /// Takes `text` as it is.
  public var isFixed: Bool
  /// As `grep -w`.
  public var isWord: Bool

  /// A pattern with these values.
  public init(_ text: String, ignoresCase: Bool = false, isFixed: Bool = false, isWord: Bool = false) {
    self.text = text
    self.ignoresCase = ignoresCase
    self.isFixed = isFixed
    self.isWord = isWord
  }

  /// Whether both are the same bytes: Swift takes texts for equal that differ in their normal form, which match
  /// different lines.
  public static func == (left: Pattern, right: Pattern) -> Bool {
    left.ignoresCase == right.ignoresCase && left.isFixed == right.isFixed && left.isWord == right.isWord
      && ByteText(left.text) == ByteText(right.text)
  }

  /// Hashes the text's bytes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ByteText(text))
  }
}

/// One item of `follow:`.
public struct FollowPlan: Sendable, Equatable {
  /// Where to begin in a file that no checkpoint knows.
  public enum Start: Sendable, Equatable {
    /// As `tail -f`.
    case end
    /// The first byte.
    case beginning
    /// As `tail -n`: that many lines before the end.
    case lastLines(Int)
  }

  /// Absolute paths, or globs (`*`, `?`, `[...]`, `**`); `-` is standard input.
  public var paths: [FilePath]
  /// Globs of what to pass over: of the absolute path, or of the name alone where there is no `/`.
  public var excludes: [FilePath]
  /// Default end.
  public var start: Start
  /// A longer line is cut there. Default 1 MiB.
  public var maxLineBytes: Int
  /// Where else rotated copies of the files are, beside each file's own folder: absolute paths of folders or files, or
  /// globs.
  public var rotated: [FilePath]
  /// How often is looked without being told by the kernel, beside its events; nil: not at all, but where the kernel
  /// does not tell.
  public var poll: Duration?

  /// An item with these values.
  public init(
    paths: [FilePath], excludes: [FilePath] = [], start: Start = .end, maxLineBytes: Int = 1 << 20,
    rotated: [FilePath] = [], poll: Duration? = nil
  ) {
    self.paths = paths
    self.excludes = excludes
    self.start = start
    self.maxLineBytes = maxLineBytes
    self.rotated = rotated
    self.poll = poll
  }
}

extension PipelinePlan {
  /// The sinks that the trunk and its branches name, as places in `Plan.sinks`, depth first, each once.
  public var sinks: [Int] {
    var seen: [Int] = []
    func visit(_ branch: BranchPlan) {
      for sink in branch.sinks where !seen.contains(sink) { seen.append(sink) }
      branch.branches.forEach(visit)
    }
    visit(trunk)
    return seen
  }
}
