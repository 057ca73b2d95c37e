import Coroutines
import SystemPackage
import Testing

@testable import Weir

@Suite struct GlobTests {
  @Test(arguments: [
    ("*.log", "a.log", true), ("*.log", ".a.log", false), (".*", ".a", true), ("*", "a", true), ("?", "é", true),
    ("?", "ab", false), ("a*b*c", "aXbYbc", true), ("a*b*c", "aXbYb", false), ("[a-c]x", "bx", true),
    ("[!a-c]x", "bx", false), ("[!a-c]x", "dx", true), ("[]x]", "]", true), ("[a", "[a", true), ("\\*", "*", true),
    ("\\*", "a", false), ("*.log*", "app.log.1", true), ("[а-я]*", "журнал", true), ("**", "ab", true),
    ("a[-z]", "a-", true), ("*?", "", false), ("[\\]]", "]", true), ("[\\]]", "\\", false), ("[a\\-c]", "b", false),
    ("[a\\-c]", "-", true), ("[\\!a]", "!", true), ("[a-\\]]", "]", false), ("[a\\]", "[a]", true),
  ]) func names(pattern: String, name: String, isSelected: Bool) {
    guard let component = FilePath.Component(name) else { return }
    #expect(GlobName(FilePath.Component(pattern)!).matches(component) == isSelected)
  }

  @Test(arguments: [
    ("/a/*.log", "/a/x.log", true), ("/a/*.log", "/a/b/x.log", false), ("/a/**/x", "/a/x", true),
    ("/a/**/x", "/a/b/c/x", true), ("/a/**", "/a/b/c", true), ("/a/**", "/b/c", false), ("/a", "/a", true),
  ]) func paths(pattern: String, path: String, isSelected: Bool) {
    #expect(Glob(FilePath(pattern)).matches(FilePath(path)) == isSelected)
  }

  @Test func braces() throws {
    #expect(try Glob.expanding("/a/{b,c}/*.{x,y{1,2}}").count == 6)
    #expect(try Glob.expanding("/a/{b}").count == 1)
    #expect(try Glob.expanding("/a/{b").count == 1)
    #expect(try Glob.expanding("/a/{b,c}") == [Glob("/a/b"), Glob("/a/c")])
  }

  @Test func bracesThatAreMeantAsTheyAre() throws {
    #expect(try Glob.expanding("/a\\{b,c\\}").count == 1)
    #expect(try Glob.expanding("/a\\{b,c\\}")[0].matches("/a{b,c}"))
    #expect(try Glob.expanding("/{a\\,b,c}") == [Glob("/a\\,b"), Glob("/c")])
  }

  @Test(arguments: ["/a/app[1].log", "/d[1]/{b,c}*?", "/a\\b", "/a/[b", "/a/b}", "/журнал/é*"])
  func aPathAsItIs(path: String) throws {
    let pattern = PathPattern.literal(FilePath(path))
    #expect(try PathPattern.paths(of: pattern) == [FilePath(path)])
    #expect(try Glob.expanding(pattern).map { $0.matches(FilePath(path)) } == [true])
  }

  @Test func pathsThatAPatternNames() throws {
    #expect(try PathPattern.paths(of: "a.{log,err}") == ["a.log", "a.err"])
    #expect(try PathPattern.paths(of: "/a/{b,c*}") == nil)
    #expect(try PathPattern.paths(of: "/a/[b") == ["/a/[b"], "a bracket that nothing closes is itself")
  }

  /// Each would take hours if every way to read it were tried.
  @Test(.timeLimit(.minutes(1))) func longPatternsAreReadAtOnce() throws {
    let open = String(repeating: "{", count: 20_000)
    #expect(try PathBraces.expanding(FilePath("/" + open)).count == 1)
    #expect(try PathBraces.expanding(FilePath("/" + String(repeating: "{a,b}", count: 3) + open)).count == 8)
    #expect(throws: Failure.self) {
      try PathBraces.expanding(FilePath("/" + String(repeating: "{a,b}", count: 9) + open))
    }
    let depths = Glob(FilePath("/" + String(repeating: "**/a/", count: 20) + "b"))
    #expect(!depths.matches(FilePath("/" + String(repeating: "a/", count: 200))))
    #expect(depths.matches(FilePath("/" + String(repeating: "a/", count: 200) + "b")))
  }

  @Test func depthsBesideEachOtherAreOne() {
    #expect(Glob("/a/**/**/**/b") == Glob("/a/**/b"))
  }

  @Test func bracesThatStandForTooMuch() throws {
    let few = String(repeating: "{a,b}", count: 9)
    #expect(try Glob.expanding(FilePath("/" + few)).count == 512)
    #expect(try Glob.expanding(FilePath("/{" + String(repeating: ",", count: 999) + "}")).count == 1000)
    for pattern in [
      String(repeating: "{a,b}", count: 24), String(repeating: "{a,b}", count: 5000),
      "{" + String(repeating: ",", count: 1000) + "}",
      String(repeating: "{", count: 1200) + String(repeating: ",a}", count: 1200),
    ] {
      #expect(throws: Failure.self) { try Glob.expanding(FilePath("/" + pattern)) }
    }
    let tail = Tail(FilePath("/tmp/" + String(repeating: "{a,b}", count: 24)))
    #expect(throws: Failure.self) { try tail.scheduler.run { try await tail.follow() } }
  }

  @Test func excludes() throws {
    let plan = FollowPlan(paths: ["/x/*"], excludes: ["*.gz", "/x/private/**"])
    let pattern = try FollowPattern.all(of: [plan], pipeline: 0)[0]
    #expect(pattern.excludes("/x/a.gz") && pattern.excludes("/x/.hidden.gz") && pattern.excludes("/x/private/a/b"))
    #expect(!pattern.excludes("/x/a.log"))
  }

  @Test func nameThatIsNotUTF8() {
    let bytes: [CChar] = [0x61, CChar(bitPattern: 0xff), 0x62, 0]
    let name = FilePath.Component(platformString: bytes)!
    #expect(GlobName("a?b").matches(name) && !GlobName("ab").matches(name))
  }
}
