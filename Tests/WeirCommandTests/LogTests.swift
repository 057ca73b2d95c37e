import Glibc
import Testing

/// The agent's own log, as a user has it.
@Suite struct LogTests {
  private static let printing = "pipelines: [{name: p, follow: {path: t.txt, from: beginning}, broadcast: printer}]\n"

  @Test func `a reload changes the log and the slow batch of what runs`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.printing)
    try folder.write("t.txt", "one\n")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitOutput("one\n")
    try folder.write(
      "w.yaml", "log: {level: debug, format: json}\ntiming: {slow_batch: 1ms}\n" + Self.printing)
    weir.signal(SIGHUP)
    try weir.awaitNotice("\"took the config\"}")
    try folder.append("t.txt", String(repeating: "a line\n", count: 100_000) + "two\n")
    try weir.awaitOutput("two\n")
    try weir.awaitNotice("\"level\":\"warning\",\"message\":\"slow batch: ")
    #expect(rename(folder.file("t.txt"), folder.file("t.old")) == 0)
    try weir.awaitNotice("\"level\":\"debug\",\"message\":\"waiting for ")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    #expect(!weir.said.contains("weir: "))
  }

  @Test func `SIGUSR1 is answered whatever the level`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", "log: {level: error}\n" + Self.printing)
    try folder.write("t.txt", "one\n")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try weir.awaitOutput("one\n")
    weir.signal(SIGUSR1)
    try weir.awaitNotice("weir: pipeline p: 4 bytes read, 1 lines matched\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `a standard error that nobody reads holds nothing up`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.printing)
    #expect(mkfifo(folder.file("log"), 0o600) == 0)
    let unread = open(folder.file("log"), O_RDWR | O_CLOEXEC)
    defer { close(unread) }
    _ = fcntl(unread, 1031, 4096)  // F_SETPIPE_SZ
    try folder.write("t.txt", "")
    try folder.write("out", "")
    let weir = try ShellChild(
      "cd \(folder.path) && exec \(Program.path) run -c w.yaml --timing >out 2>log 3>&- </dev/null")
    for number in 0..<100 {
      try folder.append("t.txt", "line \(number)\n")
      let deadline = ContinuousClock.now + .seconds(20)
      while try !folder.read("out").hasSuffix("line \(number)\n") {
        try #require(ContinuousClock.now < deadline, "it waits behind line \(number)")
        poll(nil, 0, 2)  // looks again: a file tells nobody that it grew
      }
    }
    #expect(weir.ends(by: SIGTERM, withinSeconds: 8) == 0)
  }
}
