import SystemPackage

/// One path or glob that one pipeline follows.
struct FollowPattern: Sendable {
  let glob: Glob
  /// Place of the pipeline in the plan.
  let pipeline: Int
  /// Place of the item in the pipeline's `follow`.
  let item: Int
  let plan: FollowPlan
  private let excludeGlobs: [Glob]
  /// Where else rotated copies are.
  let rotatedGlobs: [Glob]

  private init(_ glob: Glob, pipeline: Int, item: Int, plan: FollowPlan) throws(Failure) {
    self.glob = glob
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

  /// The patterns of all pipelines, standard input left out.
  ///
  /// - Throws: ``Failure`` where one stands for too many paths.
  static func all(in follow: [[FollowPlan]]) throws(Failure) -> [FollowPattern] {
    var patterns: [FollowPattern] = []
    for (pipeline, plans) in follow.enumerated() {
      for (item, plan) in plans.enumerated() {
        for path in plan.paths where path != standardInput {
          for glob in try Glob.expanding(path.lexicallyNormalized()) {
            patterns.append(try FollowPattern(glob, pipeline: pipeline, item: item, plan: plan))
          }
        }
      }
    }
    return patterns
  }
}
