import SystemPackage
import Testing

@testable import Weir

@Suite struct PlanFingerprintTests {
  private func plan(
    _ follow: [FollowPlan] = [FollowPlan(paths: ["/a.log"])], rules: [Rule] = [Rule(matches: [Pattern("x")])],
    name: String = "p", sinks: [Int] = [0], branches: [BranchPlan] = []
  ) -> PipelinePlan {
    PipelinePlan(
      label: PipelineLabel(name: name, fields: []), follow: follow,
      trunk: BranchPlan(rules: rules, sinks: sinks, branches: branches))
  }

  /// Databases have these: a version that gives others would take every renamed pipeline for a new one.
  @Test func itStaysTheSameFromVersionToVersion() {
    #expect(plan().fingerprint == "a895499cea8c15e0")
    let more = FollowPlan(paths: ["/a", "/b"], excludes: ["*.gz"], start: .beginning)
    #expect(plan([more]).fingerprint == "b548f326d8d63b3b")
  }

  @Test func namesSinksAndBranchesAreNotInIt() {
    let same = plan(name: "q", sinks: [1, 2], branches: [BranchPlan(rules: [], sinks: [0])])
    #expect(plan().fingerprint == same.fingerprint)
  }

  @Test func howFilesAreLookedForIsNotInIt() {
    let same = plan([FollowPlan(paths: ["/a.log"], rotated: ["/old"], poll: .seconds(1))])
    #expect(plan().fingerprint == same.fingerprint)
  }

  @Test func whatIsReadAndKeptIsInIt() {
    let plans = [
      plan(), plan([]), plan([FollowPlan(paths: ["/b.log"])]), plan([FollowPlan(paths: ["/a.log", "/b.log"])]),
      plan([FollowPlan(paths: ["/a.log"]), FollowPlan(paths: ["/b.log"])]),
      plan([FollowPlan(paths: ["/a.log"], excludes: ["/b.log"])]),
      plan([FollowPlan(paths: ["/a.log"], start: .beginning)]), plan([FollowPlan(paths: ["/a.log"], maxLineBytes: 9)]),
      plan(rules: []), plan(rules: [Rule(matches: [Pattern("y")])]), plan(rules: [Rule(excludes: [Pattern("x")])]),
      plan(rules: [Rule(matches: [Pattern("x", ignoresCase: true)])]),
      plan(rules: [Rule(matches: [Pattern("x", isFixed: true)])]),
      plan(rules: [Rule(matches: [Pattern("x", isWord: true)])]),
      plan(rules: [Rule(matches: [Pattern("x")]), Rule(matches: [Pattern("x")])]),
      plan(rules: [Rule(matches: [Pattern("x"), Pattern("x")])]),
      plan(rules: [Rule(matches: [Pattern("x\nmatch000 1 x")])]),
    ]
    #expect(Set(plans.map(\.fingerprint)).count == plans.count)
  }
}
