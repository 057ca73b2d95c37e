import Testing

@Suite struct CheckTests {
  @Test func `five mistakes are five errors with line, column and caret, and status 78`() throws {
    let folder = try Scratch()
    try folder.write(
      "w.yaml",
      """
      pipelines:
        - follow: t.txt
          grep: { match: 'a(b', ignorecase: true }
          broadcast: printr
        - folow: x
          grep: { match: ok, fixed: 7 }
          broadcast: printer

      """)
    for command in ["check", "run"] {
      let weir = try Program([command, "-c", "w.yaml"], in: folder)
      #expect(try weir.awaitEnd() == 78)
      #expect(weir.printed == "")
      let errors = weir.said.split(separator: "\n").filter { $0.contains(": error: ") }
      #expect(errors.count >= 5)
      for error in errors { #expect(error.firstMatch(of: #/^w\.yaml:\d+:\d+: error: /#) != nil) }
      #expect(weir.said.split(separator: "\n").filter { $0.contains("^") }.count == errors.count)
      #expect(weir.said.contains("did you mean \"ignore_case\"?"))
      #expect(weir.said.contains("did you mean \"printer\"?"))
      #expect(weir.said.hasSuffix("\(errors.count) errors in w.yaml\n"))
    }
  }

  @Test func `a good config is printed as a plan, and nothing is made`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", RunTests.smallest)
    let weir = try Program(["check", "-c", "w.yaml"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    for word in ["t.txt", "python", "printer"] { #expect(weir.printed.contains(word)) }
    #expect(folder.run("test", "-e", folder.file("weir.db")) == 1)
  }

  @Test func `wrong usage is 64, a missing config 78`() throws {
    let folder = try Scratch()
    #expect(try Program(["run", "--nonsense"], in: folder).awaitEnd() == 64)
    let weir = try Program(["run", "-c", "nowhere.yaml"], in: folder)
    #expect(try weir.awaitEnd() == 78)
    #expect(weir.said.contains("nowhere.yaml"))
  }
}
