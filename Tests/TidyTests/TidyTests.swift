import Testing

/// The rules of the house, held by the project as it is.
@Suite struct TidyTests {
  private func report(_ findings: [Finding]) {
    for finding in findings { Issue.record("\(finding)") }
  }

  @Test func sizes() throws { report(try Project.files().flatMap(SizeRules.check)) }

  @Test func imports() throws { report(try Project.files().flatMap(ImportRules.check)) }

  @Test func borders() throws { report(BorderRules.check(try Project.files())) }

  @Test func names() throws { report(try Project.files().flatMap(WordRules.names)) }

  @Test func marks() throws { report(try Project.files().flatMap(WordRules.marks)) }

  @Test func sleeps() throws { report(try Project.files().flatMap(WordRules.sleeps)) }

  @Test func citations() throws { report(try Project.files().flatMap(WordRules.citations)) }

  @Test func topEntries() throws { report(Project.strayTopEntries(among: try #require(Project.names(in: ".")))) }
}
