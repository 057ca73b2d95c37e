import SystemPackage

@testable import Weir

/// What must hold of every plan that a config gives.
struct PlanCheck {
  private let plan: Plan

  init(_ plan: Plan) { self.plan = plan }

  func check() throws(FuzzFinding) {
    try ConfigRun.checkHarmless(plan.describe())
    try must(!plan.pipelines.isEmpty, "a plan without pipelines")
    var names: Set<String> = []
    for pipeline in plan.pipelines {
      let name = pipeline.label.name
      try must(ConfigName.pipelineProblem(with: name) == nil, "a pipeline is named \(name)")
      try must(names.insert(name.lowercased()).inserted, "two pipelines are named \(name)")
      try must(!pipeline.follow.isEmpty, "\(name) follows nothing")
      for follow in pipeline.follow { try check(follow) }
      try check(pipeline.trunk)
      let fields = pipeline.label.fields
      try must(Set(fields).count == fields.count, "a field twice in \(fields)")
    }
    names = []
    for sink in plan.sinks {
      try must(names.insert(sink.name.lowercased()).inserted, "two sinks are named \(sink.name)")
      try must(!sink.recipe.summary.isEmpty && !sink.name.isEmpty, "a sink without a name or a summary")
    }
    let isPositive = plan.slowBatch.map { $0 > .zero } ?? true
    try must(isPositive, "a duration of nothing")
    try must(plan.database?.isAbsolute ?? true, "the database is \(String(describing: plan.database))")
  }

  private func check(_ follow: FollowPlan) throws(FuzzFinding) {
    try must(!follow.paths.isEmpty, "an item that follows nothing")
    for path in follow.paths { try must(path == "-" || path.isAbsolute, "\(path) is followed") }
    try must(FollowReader.maxLineBounds.contains(follow.maxLineBytes), "max_line is \(follow.maxLineBytes)")
  }

  private func check(_ branch: BranchPlan) throws(FuzzFinding) {
    try must(!branch.sinks.isEmpty || !branch.branches.isEmpty, "a branch without a target")
    try must(branch.sinks.allSatisfy(plan.sinks.indices.contains), "a sink that is not there")
    try must(Set(branch.sinks).count == branch.sinks.count, "a sink twice in a branch")
    for rule in branch.rules {
      for pattern in rule.matches + rule.excludes {
        do { _ = try CompiledPattern(pattern) } catch {
          throw FuzzFinding(description: "\(pattern) was taken and does not compile: \(error)")
        }
      }
    }
    for inner in branch.branches { try check(inner) }
  }
}
