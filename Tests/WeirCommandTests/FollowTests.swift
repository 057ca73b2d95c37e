import Glibc
import Testing

@Suite struct FollowTests {
  @Test func `follows like tail -F and grep`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "error old\n")
    let weir = try Program(["follow", "a.log", "-g", "error"], in: folder)
    try append(until: weir, prints: "error new", to: folder, "a.log")
    weir.signal(SIGHUP)
    #expect(try weir.awaitEnd() == 0)
    #expect(!weir.printed.contains("old"))
    #expect(folder.run("test", "-e", folder.file("weir.db")) == 1)
  }

  /// What is appended before the file is followed is before its beginning: appends until a line is seen.
  private func append(until weir: Program, prints text: String, to folder: Scratch, _ name: String) throws {
    for _ in 0..<200 {
      try folder.append(name, text + "\n")
      if weir.hasOutput(text) { return }
      poll(nil, 0, 20)
    }
    Issue.record("never printed: \(text)")
  }

  @Test func `a closed pipe ends it quietly, also while nothing matches`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "one\ntwo\nthree\n")
    let script = "(\(Program.path) follow a.log -n 3; echo $? >status) | head -n 1 >first"
    #expect(folder.run("sh", "-c", "cd \(folder.path) && timeout 30 sh -c '\(script)'") == 0)
    #expect(folder.run("sh", "-c", "cd \(folder.path) && grep -qx 0 status && grep -qx one first") == 0)
  }

  @Test func `several files have their path before each line, several patterns are a chain`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "one python http\none python\n")
    try folder.write("b.log", "two python http\n")
    let weir = try Program(["follow", "a.log", "b.log", "-g", "python", "-g", "http", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    #expect(
      Set(weir.printed.split(separator: "\n")) == [
        "\(folder.file("a.log")): one python http", "\(folder.file("b.log")): two python http",
      ])
  }

  @Test func `it ends with standard input, where that is all that it follows`() throws {
    let folder = try Scratch()
    let script =
      "printf 'an error\\nb\\nlast error' | timeout 20 \(Program.path) follow - -g error >out; echo $? >status"
    #expect(folder.run("sh", "-c", "cd \(folder.path) && \(script)") == 0)
    #expect(try folder.read("status") == "0\n")
    #expect(try folder.read("out") == "an error\nlast error\n")
  }

  @Test func `a FIFO of which all that is there is asked for is passed over, and that is said`() throws {
    let folder = try Scratch()
    #expect(folder.run("mkfifo", folder.file("pipe")) == 0)
    let weir = try Program(["follow", "pipe", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.said.contains("pipe is a FIFO, which has no end, and passed over"), "\(weir.said)")
  }

  @Test func `count prints the number alone`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "x\nyx\nz\n")
    let weir = try Program(["follow", "a.log", "-g", "x", "--once", "--count"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "2\n")
  }

  @Test func `case, words, fixed text and inversion`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "ОШИБКА раз\na.b\naxb\nfoobar\nfoo bar\n")
    func lines(_ options: String...) throws -> String {
      let weir = try Program(["follow", "a.log", "--once"] + options, in: folder)
      #expect(try weir.awaitEnd() == 0)
      return weir.printed
    }
    #expect(try lines("-i", "-g", "ошибка") == "ОШИБКА раз\n")
    #expect(try lines("-F", "-g", "a.b") == "a.b\n")
    #expect(try lines("-w", "-g", "foo") == "foo bar\n")
    #expect(try lines("-v", "-g", "[ao]") == "ОШИБКА раз\n")
    #expect(try lines("-n", "2", "-g", ".") == "foobar\nfoo bar\n")
  }

  @Test func `a missing file with once ends 1, a bad pattern 64`() throws {
    let folder = try Scratch()
    let missing = try Program(["follow", "none.log", "--once"], in: folder)
    #expect(try missing.awaitEnd() == 1)
    #expect(missing.said.contains("none.log"))
    let bad = try Program(["follow", "none.log", "-g", "(a"], in: folder)
    #expect(try bad.awaitEnd() == 64)
    #expect(bad.said.contains("missing closing parenthesis"))
  }

  @Test func `what an argument has for a terminal is shown, and not obeyed`() throws {
    let folder = try Scratch()
    for (words, status) in [
      (["follow", "\u{1b}]0;x\u{7}.log", "--once"], 1), (["follow", "--\u{1b}[2J", "a.log"], 64),
      (["follow", "a.log", "-g", "(\u{1b}[2J"], 64), (["follow", "a.log", "-n", "\u{9b}2J"], 64), (["\u{1b}[2J"], 64),
      (["run", "-c", "\u{1b}[2J.yaml"], 78), (["follow", "\u{1b}[2J*.log", "--once"], 1),
    ] as [([String], Int32)] {
      let weir = try Program(words, in: folder)
      #expect(try weir.awaitEnd() == status)
      #expect(weir.said.contains("\\x1b") || weir.said.contains("\\x9b"), "\(weir.said)")
      let isPlain = weir.said.unicodeScalars.allSatisfy {
        $0 == "\n" || $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value)
      }
      #expect(isPlain, "\(weir.said.debugDescription)")
    }
    #expect(try Program(["follow", "--help"], in: folder).awaitEnd() == 0)
  }

  @Test func `a glob that nothing matches is said where what is there is asked for`() throws {
    let folder = try Scratch()
    try folder.write("a.txt", "one\n")
    let weir = try Program(["follow", "*.log", "*.err", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 1)
    #expect(weir.said == "weir: *.log: no file matches\nweir: *.err: no file matches\n" && weir.printed == "")
    let beside = try Program(["follow", "*.log", "a.txt", "--once"], in: folder)
    #expect(try beside.awaitEnd() == 0)
    #expect(beside.said == "weir: notice: no file matches \(folder.file("*.log"))\n")
    #expect(beside.printed == "\(folder.file("a.txt")): one\n")
    try folder.write("a.log", "two\n")
    #expect(try Program(["follow", "*.log", "--once"], in: folder).awaitEnd() == 0)
    try folder.write("w.yaml", "pipelines: [{follow: ['*.err', a.txt], broadcast: printer}]\n")
    let run = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try run.awaitEnd() == 0)
    #expect(run.printed == "one\n")
    #expect(run.said == "weir: notice: no file matches \(folder.file("*.err"))\n")
  }

  @Test func `a file that has the very name is no glob`() throws {
    let folder = try Scratch()
    folder.run("mkdir", folder.file("d[1]"))
    try folder.write("d[1]/app[1].log", "one\n")
    try folder.write("d[1]/a{b,c}*.log", "two\n")
    for (name, printed) in [("d[1]/app[1].log", "one\n"), ("d[1]/a{b,c}*.log", "two\n")] {
      let weir = try Program(["follow", name, "--once"], in: folder)
      #expect(try weir.awaitEnd() == 0)
      #expect(weir.printed == printed)
    }
    let inside = try Program(["follow", folder.file("d[1]/app[1].log"), "app*.log", "--once"], in: folder)
    #expect(try inside.awaitEnd() == 0)
    #expect(inside.printed == "\(folder.file("d[1]/app[1].log")): one\n")
  }

  @Test func `braces name several files`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "one\n")
    let missing = try Program(["follow", "a.{log,err}", "--once"], in: folder)
    #expect(try missing.awaitEnd() == 1)
    #expect(missing.said == "weir: a.err: No such file or directory\n")
    try folder.write("a.err", "two\n")
    let both = try Program(["follow", "a.{log,err}", "--once"], in: folder)
    #expect(try both.awaitEnd() == 0)
    let lines = both.printed.split(separator: "\n").sorted()
    #expect(lines == ["\(folder.file("a.err")): two", "\(folder.file("a.log")): one"])
    let many = "{" + (0...1000).map(String.init).joined(separator: ",") + "}"
    #expect(try Program(["follow", many], in: folder).awaitEnd() == 64)
  }

  @Test func `many lines on which a pattern backtracks without end hold nothing up`() throws {
    let folder = try Scratch()
    let bad = String(repeating: "a", count: 30) + "!\n"
    try folder.write("bad.log", String(repeating: bad, count: 10_000) + "aaa\n")
    let weir = try Program(["follow", "bad.log", "-g", "^(a+)+$", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    #expect(weir.printed == "aaa\n")
    #expect(weir.said.contains("backtracked beyond its limit"))
  }

  @Test func `bytes that are not text are filtered line by line as grep -a -P does`() throws {
    let folder = try Scratch()
    var bytes = Array("start \u{0} nul match\nplain\n".utf8) + [0xff, 0xfe] + Array(" bad match\n".utf8)
    bytes += [0xd0] + Array("match after half a letter\ncr kept\rmatch\r\nlast match".utf8)
    try folder.append("a.log", bytes: bytes)
    folder.run(
      "sh", "-c",
      "LC_ALL=C.UTF-8 grep -a -P 'match' \(folder.file("a.log")) | sed 's/\\r$//' >\(folder.file("expected"))")
    folder.run("sh", "-c", "\(Program.path) follow \(folder.file("a.log")) -g match --once >\(folder.file("got"))")
    #expect(folder.run("cmp", folder.file("expected"), folder.file("got")) == 0)
    #expect(folder.run("sh", "-c", "test $(wc -l <\(folder.file("got"))) = 5") == 0)
  }
}
