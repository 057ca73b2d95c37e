import Glibc
import Testing

/// What a shell does with the program: signals that it has ignored, and where it lets standard output lead.
@Suite struct ShellTests {
  @Test func `a hangup that nohup has ignored ends nothing, nor does the interrupt of a script`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "first\n")
    let weir = try Program(["follow", "a.log", "-n", "9"], in: folder, after: "trap '' HUP INT")
    try weir.awaitOutput("first")
    weir.signal(SIGHUP)
    weir.signal(SIGINT)
    try folder.append("a.log", "second\n")
    try weir.awaitOutput("second")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `a hangup that nobody has ignored ends what follows`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "first\n")
    let weir = try Program(["follow", "a.log", "-n", "9"], in: folder)
    try weir.awaitOutput("first")
    weir.signal(SIGHUP)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `an agent reloads also where the hangup was ignored`() throws {
    let folder = try Scratch()
    try folder.write("weir.yaml", "pipelines: [{ name: a, follow: a.log, broadcast: counter }]")
    let weir = try Program(["run"], in: folder, after: "trap '' HUP")
    try folder.awaitStart()
    try folder.write("weir.yaml", "pipelines: [{ name: b, follow: b.log, broadcast: counter }]")
    weir.signal(SIGHUP)
    try folder.awaitRows(["b"], "SELECT name FROM pipeline WHERE name = 'b' AND started")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test(arguments: [["check"], ["follow", "a.log", "--once", "--count"], ["follow", "a.log", "--once"]])
  func `what cannot be printed is an error`(arguments: [String]) throws {
    let folder = try Scratch()
    try folder.write("a.log", "x\n")
    try folder.write("weir.yaml", "pipelines: [{ name: a, follow: a.log, broadcast: counter }]")
    let weir = try Program(arguments, in: folder, after: "exec >/dev/full")
    #expect(try weir.awaitEnd() == 1)
    #expect(weir.said.contains("cannot "), "\(weir.said)")
    #expect(weir.said.contains("No space left on device"), "\(weir.said)")
  }

  /// As where another program of the same pipeline made it so.
  @Test func `a count waits for room in a pipe that does not block`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "x\nx\n")
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
    var byteCount = 0
    while write(ends[1], ".", 1) > 0 { byteCount += 1 }
    // Of a number of two digits only bash knows what it is.
    let first = "exec bash -c 'exec \"$@\" >&\(ends[1])' - \"$@\""
    let weir = try Program(["follow", "a.log", "--once", "--count"], in: folder, after: first)
    #expect(!weir.ends(within: 300), "\(weir.said)")
    try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    var bytes = [UInt8](repeating: 0, count: byteCount)
    while byteCount > 0, case let count = read(ends[0], &bytes, byteCount), count > 0 { byteCount -= count }
    #expect(try weir.awaitEnd() == 0)
    let count = max(0, read(ends[0], &bytes, 10))
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "2\n")
  }

  @Test func `a FIFO is no file to include, and no config to reload`() throws {
    let folder = try Scratch()
    try #require(mkfifo(folder.file("more.yaml"), 0o600) == 0)
    try folder.write("weir.yaml", "include: more.yaml\npipelines: [{ name: a, follow: a.log, broadcast: counter }]")
    let check = try Program(["check"], in: folder)
    #expect(try check.awaitEnd() == 78)
    #expect(check.said.contains("cannot read \"more.yaml\": it is no file"), "\(check.said)")
    try folder.write("weir.yaml", "pipelines: [{ name: a, follow: a.log, broadcast: counter }]")
    let weir = try Program(["run"], in: folder)
    try folder.awaitStart()
    try #require(rename(folder.file("more.yaml"), folder.file("weir.yaml")) == 0)
    weir.signal(SIGHUP)
    try weir.awaitNotice("it is no file")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `a config comes from a pipe`() throws {
    let folder = try Scratch()
    try #require(mkfifo(folder.file("pipe.yaml"), 0o600) == 0)
    let check = try Program(["check", "-c", "pipe.yaml"], in: folder)
    try folder.write("pipe.yaml", "pipelines: [{ name: a, follow: a.log, broadcast: counter }]")
    #expect(try check.awaitEnd() == 0, "\(check.said)")
  }
}
