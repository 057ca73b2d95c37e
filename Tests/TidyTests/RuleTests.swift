import Testing

/// Each rule fails where it should and says where; each lets pass what only looks like a breach.
@Suite struct RuleTests {
  private func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

  private func lines(_ count: Int, _ line: String = "let x = 1\n") -> String { String(repeating: line, count: count) }

  @Test func longFilesAreFound() {
    #expect(SizeRules.check(file("a.swift", lines(300))).isEmpty)
    #expect(SizeRules.check(file("a.swift", lines(301))).map(\.line) == [301])
    #expect(SizeRules.check(file("a.yaml", lines(301))).isEmpty)
  }

  @Test func longLinesAreFound() {
    let bad = SizeRules.check(file("a.yaml", "a\n" + String(repeating: "ä", count: 121)))
    #expect(bad.map(\.description) == ["a.yaml:2: the line has 121 columns, 120 at most"])
    #expect(SizeRules.check(file("a.yaml", String(repeating: "ä", count: 120))).isEmpty)
  }

  @Test func longFunctionsAreFound() {
    let short = "func short() {\n" + lines(47) + "}\n"
    let long = "  static func long(a: () -> Void = {}) async throws {\n" + lines(48) + "  }\n"
    let both = SizeRules.check(file("a.swift", "import A\n" + short + long + "init?() {\n" + lines(60) + "}\n"))
    #expect(both.map(\.line) == [51, 101])
    #expect(both.first?.message == "long has 50 lines; a function has fewer than 50")
  }

  @Test func bracesInTextDoNotCount() {
    let body = lines(24, "// {\n") + lines(23, "  print(\"{ \\(a[\"{\"]) \\\" {\", #\"\"{\"#)\n")
    #expect(SizeRules.check(file("a.swift", "func f() {\n" + body + "}\n" + lines(60))).isEmpty)
    #expect(SizeRules.check(file("a.swift", "func f() {\n\"\"\"\n" + lines(47, "{\n") + "\"\"\"\n}\n")).count == 1)
    #expect(SizeRules.check(file("a.swift", "protocol P {\nfunc f()\nvar x: Int { get }\n}\n" + lines(90))).isEmpty)
  }

  @Test func importsAreHeldToTheirFolders() {
    func found(_ path: String, _ text: String) -> [String] { ImportRules.check(file(path, text)).map(\.description) }
    let first = ImportRules.check(file("Sources/Weir/Line/A.swift", "\nimport Foundation\n")).first
    #expect(
      first == Finding(path: "Sources/Weir/Line/A.swift", line: 2, message: "Foundation is imported nowhere here"))
    #expect(found("Tests/WeirTests/A.swift", "@testable import Dispatch").count == 1)
    #expect(found("Sources/Coroutines/A.swift", "import Logging").count == 1)
    #expect(found("Sources/Coroutines/A.swift", "import Glibc\nimport struct HeapModule.Heap").isEmpty)
    #expect(found("Sources/Weir/Grep/A.swift", "import CSQLite").count == 1)
    #expect(found("Sources/Weir/Sinks/Store/A.swift", "import CSQLite").isEmpty)
    #expect(found("Sources/WeirCommand/A.swift", "import CSQLite").count == 1)
    #expect(found("Sources/Weir/Agent.swift", "// import Foundation\nlet s = \"import Foundation\"").isEmpty)
  }

  @Test func roomsKeepTheirBorders() {
    let printer = file("Sources/Weir/Sinks/Printer/Printer.swift", "actor Printer {}\nstruct Row {}")
    let line = file("Sources/Weir/Line/Line.swift", "struct Batch { enum Reason {} }")
    func found(_ path: String, _ text: String) -> [String] {
      BorderRules.check([printer, line, file(path, text)]).map(\.description)
    }
    #expect(
      found("Sources/Weir/Grep/Scan.swift", "func f(_ batch: Batch) {\n  Printer() }")
        == ["Sources/Weir/Grep/Scan.swift" + ":2: Grep does not know Sinks, and so not Printer"])
    #expect(found("Sources/Weir/Linux/A.swift", "let a: Printer").count == 1)
    #expect(found("Sources/Weir/Line/A.swift", "let a: Printer").count == 1)
    #expect(found("Sources/Weir/Grep/A.swift", "func f<Reason>(_ a: Reason) {}").isEmpty)
    #expect(found("Sources/Weir/Grep/A.swift", "// Printer\nlet a = b.Printer + \"Printer\"").isEmpty)
    #expect(found("Sources/Weir/Grep/A.swift", "struct Row {}\nlet a = Row()").isEmpty)
    #expect(found("Sources/Weir/Agent.swift", "let a: Printer").isEmpty)
  }

  @Test func emptyNamesAreFound() {
    func found(_ path: String, _ text: String) -> Int { WordRules.names(file(path, text)).count }
    #expect(found("a/HTTPHandler.swift", "") == 1)
    #expect(found("a/A.swift", "struct FileManager {}") == 1)
    #expect(found("a/A.swift", "enum Outer { struct ParseContext {} }\nclass LineData {}") == 2)
    #expect(found("a/A.swift", "struct Metadata: LogHandler {}\nlet dataInfo = 1 // struct Data") == 0)
  }

  @Test func unfinishedWorkIsFound() {
    for mark in WordRules.marks {
      #expect(WordRules.marks(file("README.md", "a\n(\(mark): b)")).map(\.line) == [2])
      #expect(WordRules.marks(file("README.md", "\(mark)S /tmp/a.\(mark)\(mark) \(mark.lowercased())")).isEmpty)
    }
  }

  @Test func sleepsAreFound() {
    func found(_ text: String, in path: String = "Tests/A.swift") -> Int { WordRules.sleeps(file(path, text)).count }
    #expect(found("sleep(1)\nusleep(5)\ntry await Task.sleep(for: .seconds(1))") == 3)
    #expect(found("try await scheduler.sleep(for: .seconds(1))\nfunc sleep() {}\nlet text = \"sleep(1)\"") == 0)
    #expect(found("sleep(1)", in: "Sources/A.swift") == 0)
  }

  @Test func numbersOfLinesAreFound() {
    for text in ["see Agent.swift" + ":12", "github.com/a/b.c#" + "L5", "a.h" + ":1"] {
      #expect(WordRules.citations(file("README.md", "\n" + text)).map(\.line) == [2])
    }
    #expect(WordRules.citations(file("README.md", "weir.yaml:7:9: error, Agent.swift: the life, #Loud")).isEmpty)
  }

  @Test func strayEntriesAreFound() {
    #expect(Project.strayTopEntries(among: ["Sources", ".ci", "notes.txt"]).map(\.path) == ["notes.txt"])
  }
}
