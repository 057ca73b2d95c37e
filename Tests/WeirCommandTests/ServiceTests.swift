import Glibc
import Testing

/// What systemd is told: sd_notify(3).
@Suite struct ServiceTests {
  private func config(_ pipelines: Int) -> String {
    (0..<pipelines).reduce("database: weir.db\npipelines:\n") { text, number in
      text + "  - name: p\(number)\n    follow: \(number).txt\n    grep: x\n    broadcast: sqlite\n"
    }
  }

  private func start(
    _ folder: Scratch, _ socket: ServiceSocket, pipelines: Int = 1, environment: [String: String] = [:]
  ) throws -> Program {
    try folder.write("w.yaml", config(pipelines))
    for number in 0..<pipelines { try folder.write("\(number).txt", "x old\n") }
    return try Program(
      ["run", "-c", "w.yaml"], in: folder, environment: socket.environment.merging(environment) { $1 })
  }

  private func stop(_ weir: Program) throws {
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `ready when ten files are followed and their sinks open, then stopping`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    let weir = try start(folder, socket, pipelines: 10)
    #expect(socket.next() == "READY=1\nSTATUS=following 10 files, 10 pipelines")
    for number in 0..<10 { try folder.append("\(number).txt", "x new \(number)\n") }
    let new = (0..<10).map { "x new \($0)" }
    try folder.awaitRows(new, "SELECT line FROM matches ORDER BY line")
    try stop(weir)
    #expect(weir.said == "")
    #expect(socket.next() == "STOPPING=1")
    #expect(socket.next(within: 0) == nil)
  }

  @Test func `not ready while a sink is not open`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    try folder.write("0.txt", "")
    let sinks = "sinks:\n  other: {sqlite: {path: missing/other.db}}\n"
    try folder.write(
      "w.yaml", config(1) + "  - {name: q, follow: 0.txt, grep: x, broadcast: other}\n" + sinks)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: socket.environment)
    #expect(socket.next() == "STATUS=following 1 file, 1 of 2 pipelines: the others wait for sinks")
    #expect(mkdir(folder.file("missing"), 0o755) == 0)
    #expect(socket.next() == "READY=1\nSTATUS=following 1 file, 2 pipelines")
    try stop(weir)
  }

  /// It is said, and a person has to mend it: what starts the service does not wait for that.
  @Test func `ready where a sink that is waited for fails when it comes at last`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    try folder.write("0.txt", "")
    let sinks = "sinks:\n  other: {sqlite: {path: missing/other.db}}\n"
    try folder.write(
      "w.yaml", config(1) + "  - {name: q, follow: 0.txt, grep: x, broadcast: other}\n" + sinks)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: socket.environment)
    #expect(socket.next() == "STATUS=following 1 file, 1 of 2 pipelines: the others wait for sinks")
    folder.run("mkdir", folder.file("made"))
    try folder.write("made/other.db", "this is no database, and long enough to be told apart from an empty one")
    #expect(rename(folder.file("made"), folder.file("missing")) == 0)
    #expect(
      socket.next() == "READY=1\nSTATUS=following 1 file, 1 of 2 pipelines: sinks of the others were set apart")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 1, "a sink has failed")
  }

  @Test func `a reload is told, and its end, taken or refused`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    let weir = try start(folder, socket)
    try socket.await_("READY=1")
    for (text, files) in [(config(2), "2 files, 2 pipelines"), ("nonsense", "2 files, 2 pipelines")] {
      try folder.write("1.txt", "")
      try folder.write("w.yaml", text)
      let before = microseconds()
      weir.signal(SIGHUP)
      let reloading = try socket.await_("RELOADING=1\nMONOTONIC_USEC=")
      let time = try #require(reloading.split(separator: "=").last.flatMap { Int($0) })
      #expect(before <= time && time <= microseconds())
      #expect(try socket.await_("READY=1") == "READY=1\nSTATUS=following \(files)")
    }
    try stop(weir)
    #expect(weir.said.contains("took the config") && weir.said.contains("the config was not taken"))
    try socket.await_("STOPPING=1")
  }

  private func microseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
  }

  @Test func `the status follows files that come, and is said once for many`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    try folder.write("w.yaml", "pipelines:\n  - {follow: '*.log', grep: x, broadcast: printer}\n")
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: socket.environment)
    #expect(try socket.await_("READY=1") == "READY=1\nSTATUS=following 0 files, 1 pipeline")
    for number in 0..<20 { try folder.write("\(number).log", "x\n") }
    while socket.heard.last != "STATUS=following 20 files, 1 pipeline" { try socket.await_("STATUS=") }
    #expect(socket.heard.count <= 3)
    try stop(weir)
  }

  @Test func `the watchdog is fed at half of its time, where it is this process's`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    let weir = try start(folder, socket, environment: ["WATCHDOG_USEC": "400000"])
    try socket.await_("WATCHDOG=1")
    let before = microseconds()
    for _ in 0..<5 { try socket.await_("WATCHDOG=1") }
    #expect((800_000..<2_000_000).contains(microseconds() - before))
    try stop(weir)
  }

  @Test func `the watchdog of another process is not fed`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    let weir = try start(folder, socket, environment: ["WATCHDOG_USEC": "10000", "WATCHDOG_PID": "1"])
    try socket.await_("READY=1")
    try stop(weir)
    try socket.await_("STOPPING=1")
    #expect(!socket.heard.contains("WATCHDOG=1"))
  }

  @Test func `an abstract socket`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: "@weir-test-\(getpid())-\(folder.path.suffix(6))")
    let weir = try start(folder, socket)
    try socket.await_("READY=1")
    try stop(weir)
    try socket.await_("STOPPING=1")
  }

  @Test func `what nobody hears ends nothing, and is said once`() throws {
    for address in ["relative", "/nowhere/notify", "vsock:2:1", "@", "/" + String(repeating: "x", count: 200)] {
      let folder = try Scratch()
      try folder.write("w.yaml", config(1))
      try folder.write("0.txt", "")
      let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: ["NOTIFY_SOCKET": address])
      try folder.awaitStart()
      try stop(weir)
      #expect(weir.said.split(separator: "\n").count == 1, "\(weir.said)")
      #expect(weir.said.hasPrefix("weir: warning: "))
    }
  }

  @Test func `a full socket holds nothing up, and hears of the reload later`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    let weir = try start(folder, socket, environment: ["WATCHDOG_USEC": "2000"])
    try folder.awaitStart()
    weir.signal(SIGHUP)
    try weir.awaitNotice("took the config")
    while !weir.said.contains("does not read") {
      weir.signal(SIGHUP)
      _ = weir.hasOutput("")
      poll(nil, 0, 20)  // looks again: how many datagrams a socket takes is the kernel's business
    }
    try socket.await_("RELOADING=1")
    try socket.await_("READY=1")
    try stop(weir)
  }

  @Test func `other commands say nothing, and without a socket nothing is said`() throws {
    let folder = try Scratch()
    let socket = try ServiceSocket(at: folder.file("notify"))
    try folder.write("w.yaml", config(1))
    try folder.write("0.txt", "x\n")
    for words in [["check", "-c", "w.yaml"], ["follow", "--once", "-g", "x", "0.txt"]] {
      #expect(try Program(words, in: folder, environment: socket.environment).awaitEnd() == 0)
    }
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart()
    try stop(weir)
    #expect(weir.said == "")
    #expect(socket.next(within: 0) == nil)
  }
}
