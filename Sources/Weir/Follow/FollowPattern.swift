import SystemPackage

/// One path or glob that one pipeline follows.
struct FollowPattern: Sendable {
  let glob: Glob
  /// What it was made of.
  let written: FilePath
  /// The pipeline's number.
  let pipeline: Int
  /// Place of the item in the pipeline's `follow`.
  let item: Int
  let plan: FollowPlan
  private let excludeGlobs: [Glob]
  /// Where else rotated copies are.
  let rotatedGlobs: [Glob]

  private init(_ glob: Glob, of written: FilePath, pipeline: Int, item: Int, plan: FollowPlan) throws(Failure) {
    self.glob = glob
    self.written = written
    self.pipeline = pipeline
    self.item = item
    self.plan = plan
    var excludeGlobs: [Glob] = []
    for path in plan.excludes { excludeGlobs += try Glob.expanding(path) }
    self.excludeGlobs = excludeGlobs
    var rotatedGlobs: [Glob] = []
    for path in plan.rotated { rotatedGlobs += try Glob.expanding(path.lexicallyNormalized()) }
    self.rotatedGlobs = rotatedGlobs
  }

  /// Whether the plan's `exclude` passes a path over: by the whole of it, or by its name where the glob has no `/`.
  func excludes(_ path: FilePath) -> Bool {
    guard let name = path.lastComponent else { return true }
    return excludeGlobs.contains { exclude in
      exclude.isOfName ? exclude.matches(FilePath(root: nil, [name])) : exclude.matches(path)
    }
  }

  /// Standard input, as a path.
  static let standardInput: FilePath = "-"

  /// The patterns of a pipeline, standard input left out.
  ///
  /// - Throws: ``Failure`` where one stands for too many paths.
  static func all(of follow: [FollowPlan], pipeline: Int) throws(Failure) -> [FollowPattern] {
    var patterns: [FollowPattern] = []
    for (item, plan) in follow.enumerated() {
      for path in plan.paths where path != standardInput {
        for glob in try Glob.expanding(path.lexicallyNormalized()) {
          patterns.append(try FollowPattern(glob, of: path, pipeline: pipeline, item: item, plan: plan))
        }
      }
    }
    return patterns
  }
}

/// The patterns of all pipelines, by numbers that grow: those of one pipeline in the order of its config.
struct FollowPatterns: Sendable {
  private var patterns: [Int: FollowPattern] = [:]
  private var lastNumber = -1
  /// In order.
  private(set) var numbers: [Int] = []
  private var numbersOfPipelines: [Int: [Int]] = [:]

  var isEmpty: Bool { patterns.isEmpty }

  /// Whether a number is in use.
  func contains(_ number: Int) -> Bool { patterns[number] != nil }

  /// The pattern of a number that is in use.
  subscript(number: Int) -> FollowPattern {
    guard let pattern = patterns[number] else { preconditionFailure("pattern \(number) is of a pipeline that is gone") }
    return pattern
  }

  /// The numbers of a pipeline's patterns, in order.
  func numbers(of pipeline: Int) -> [Int] { numbersOfPipelines[pipeline] ?? [] }

  mutating func add(_ pattern: FollowPattern) {
    lastNumber += 1
    patterns[lastNumber] = pattern
    numbers.append(lastNumber)
    numbersOfPipelines[pattern.pipeline, default: []].append(lastNumber)
  }

  /// Removes those of a pipeline.
  ///
  /// - Returns: their numbers.
  mutating func removeAll(of pipeline: Int) -> [Int] {
    let removed = numbersOfPipelines.removeValue(forKey: pipeline) ?? []
    for number in removed { patterns[number] = nil }
    numbers.removeAll { patterns[$0] == nil }
    return removed
  }
}
