import Glibc
import Testing

@Suite struct RunTests {
  static let smallest = """
    pipelines:
      - follow: t.txt
        grep: {match: python, ignore_case: true}
        broadcast: printer

    """

  @Test func `a file that does not exist yet is followed, through rename and recreation`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.smallest)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.append("t.txt", "PYTHON first\nperl\n")
    try weir.awaitOutput("PYTHON first\n")
    rename(folder.file("t.txt"), folder.file("t.txt.1"))
    try folder.append("t.txt.1", "python late\n")
    try folder.append("t.txt", "python new\n")
    try weir.awaitOutput("python new\n")
    try weir.awaitOutput("python late\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(!weir.printed.contains("perl"))
    #expect(weir.said == "")
  }

  @Test func `once gives what is there, and what is new the next time`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.smallest)
    try folder.write("t.txt", "python 1\nruby\npython 2 unfinished")
    #expect(try once(folder) == "python 1\npython 2 unfinished\n")
    #expect(try once(folder) == "")
    try folder.append("t.txt", "\npython 3\n")
    #expect(try once(folder) == "python 3\n")
  }

  private func once(_ folder: Scratch) throws -> String {
    let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    return weir.printed
  }

  @Test func `a restart goes on where it stopped`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.smallest)
    try folder.write("t.txt", "python old\n")
    var weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.append("t.txt", "python one\n")
    try weir.awaitOutput("python one\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "python one\n")
    try folder.append("t.txt", "python while away\n")
    weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitOutput("python while away\n")
    weir.signal(SIGINT)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "python while away\n")
  }

  @Test func `a second agent on the same database is refused`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.smallest)
    let first = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.append("t.txt", "python\n")
    try first.awaitOutput("python\n")
    let second = try Program(["run", "-c", "w.yaml"], in: folder)
    #expect(try second.awaitEnd() == 1)
    #expect(second.said.contains("already running as pid \(first.pid)"))
  }

  @Test func `SIGHUP takes a new config, and keeps the old one where the new is bad`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.smallest)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try folder.append("t.txt", "python 1\n")
    try weir.awaitOutput("python 1\n")
    try folder.write("w.yaml", "pipelines: [")
    weir.signal(SIGHUP)
    try weir.awaitNotice("the old one runs on")
    try folder.append("t.txt", "python 2\n")
    try weir.awaitOutput("python 2\n")
    try folder.write("w.yaml", Self.smallest.replacing("python", with: "ruby"))
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    try folder.append("t.txt", "python 3\nruby 4\n")
    try weir.awaitOutput("ruby 4\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "python 1\npython 2\nruby 4\n")
  }

  @Test func `a timing line names the stages, and the stop their quantiles`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.smallest)
    try folder.write("t.txt", "python 1\nruby\n")
    let weir = try Program(["run", "-c", "w.yaml", "--once", "--timing"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    let line = try #require(weir.said.split(separator: "\n").first)
    #expect(line.contains("/t.txt +14 B 2 lines, 1 matched, "))
    for stage in ["read ", "grep ", "printer "] { #expect(line.contains(stage)) }
    #expect(weir.said.contains("p99"))
  }
}
