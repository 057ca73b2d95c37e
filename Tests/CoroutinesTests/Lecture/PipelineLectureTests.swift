import Coroutines
import Glibc
import Synchronization
import Testing

/// The lecture's pipelines: `tail -f | grep`, pushed, pulled, and as coroutines, on real files and processes.
@Suite(.timeLimit(.minutes(1))) struct PipelineLectureTests {
  @Test func `7: in the shell, tail -f | grep -i python prints lines that are appended later`() throws {
    let log = LogFile("python was here before\n")
    let shell = try #require(
      popen(
        "sh -c 'echo $$; exec tail -n0 -f \(log.path)' | grep --line-buffered -i -e '^[0-9]*$' -e python",
        "r"))
    func line() -> String {
      var bytes = [CChar](repeating: 0, count: 256)
      guard fgets(&bytes, 256, shell) != nil else { return "" }
      return String(decoding: bytes.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    let tail = try #require(pid_t(line()))
    while !isFollowing(tail, log.path) { sched_yield() }
    log.append("I like Python\nI like perl\nand pythons\n")
    #expect([line(), line()] == ["I like Python", "and pythons"])
    kill(tail, SIGKILL)
    pclose(shell)
  }

  /// Whether the process has the file open: then it has found where the file ends, or will before it reads on.
  private func isFollowing(_ process: pid_t, _ path: String) -> Bool {
    for descriptor in 3..<16 {
      var bytes = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/\(process)/fd/\(descriptor)", &bytes, bytes.count)
      if count > 0, String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) == path {
        return lseekIsAtEnd(process, descriptor, path)
      }
    }
    return false
  }

  private func lseekIsAtEnd(_ process: pid_t, _ descriptor: Int, _ path: String) -> Bool {
    guard let file = fopen("/proc/\(process)/fdinfo/\(descriptor)", "r") else { return false }
    defer { fclose(file) }
    var bytes = [CChar](repeating: 0, count: 64)
    guard fgets(&bytes, 64, file) != nil else { return false }
    let position = bytes.filter { (48...57).contains($0) }.reduce(0) { $0 * 10 + Int($1) - 48 }
    var status = stat()
    return stat(path, &status) == 0 && position == Int(status.st_size)
  }

  /// Appends to the log once the follower waits for more.
  private static func follow(
    _ lines: String, count: Int, _ follower: @escaping @Sendable (LogFile, Scheduler, Trace) async throws -> Void
  ) throws -> [String] {
    let out = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      let log = LogFile("python was here before\n")
      let following = scheduler.spawn(name: "follower") { try await follower(log, scheduler, out) }
      while !scheduler.routines.contains(where: { $0.state == .sleeping }) { await Task.yield() }
      log.append(lines)
      while out.all.count < count, following.result == nil { try await scheduler.sleep(for: Follow.pause) }
      following.cancel()
      _ = await following.outcome
    }
    return out.all
  }

  private static let lines = "I like Python\nI like perl\npython, http\nunfinished python"

  @Test func `8: follow pushes lines into a function`() throws {
    let all = try Self.follow(Self.lines, count: 2) { log, scheduler, out in
      try await Follow.push(log.path, on: scheduler) { line in
        if line.lowercased().contains("python") { out.note(line) }
      }
    }
    #expect(all == ["I like Python", "python, http"])
  }

  /// `def grep(pattern, lines): for line in lines: if pattern in line: yield line`
  private static func grep(_ pattern: String, _ lines: Generator<String>) -> Generator<String> {
    lines.filter { $0.contains(pattern) }
  }

  @Test func `9: grep pulls lines from follow`() throws {
    let all = try Self.follow(Self.lines, count: 1) { log, scheduler, out in
      for try await line in Self.grep("python", Follow.lines(of: log.path, on: scheduler)) { out.note(line) }
    }
    #expect(all == ["python, http"])
  }

  @Test func `10: greps are nested over a finite file`() throws {
    // Debian's copyright file of Python where there is one; a page in its shape where there is none.
    let candidates = ["/usr/share/doc/python3/copyright", "/usr/share/doc/python3.11/copyright"]
    let page = LogFile("See http://www.python.org for python.\nhttp alone\npython alone\nhttps://pypi.python.org\n")
    let path = candidates.first { access($0, R_OK) == 0 } ?? page.path
    let scheduler = Scheduler()
    let file = LineFile(path, atEnd: false)
    var expected: [String] = []
    while let line = file.readLine() { if line.contains("python"), line.contains("http") { expected.append(line) } }
    let found = try scheduler.run { () async throws -> [String] in
      let lines = Generator<String>(on: scheduler) { yield in
        let file = LineFile(path, atEnd: false)
        while let line = file.readLine() { try await yield(line) }
      }
      return try await Self.grep("http", Self.grep("python", lines)).reduce(into: []) { $0.append($1) }
    }
    #expect(!expected.isEmpty)
    #expect(found == expected)
  }

  @Test func `13: follow pushes lines into a coroutine`() throws {
    let all = try Self.follow(Self.lines, count: 3) { log, scheduler, out in
      let printer = Self.printer("", on: scheduler, out)
      try await Follow.send(log.path, on: scheduler, to: printer)
    }
    #expect(all == ["I like Python", "I like perl", "python, http"])
  }

  /// `@coroutine def printer(): while True: print((yield))`: it needs no priming.
  private static func printer(_ prefix: String, on scheduler: Scheduler, _ out: Trace) -> Consumer<String> {
    Consumer(name: "printer", on: scheduler) { inbox in for try await line in inbox { out.note(prefix + line) } }
  }

  @Test func `14: follow pushes lines into a broadcast to two printers, each in order`() throws {
    let all = try Self.follow(Self.lines, count: 6) { log, scheduler, out in
      let broadcast = Broadcast(to: ["1 ", "2 "].map { Self.printer($0, on: scheduler, out) })
      let target = Consumer<String>(name: "broadcast", on: scheduler) { inbox in
        for try await line in inbox { try await broadcast.send(line) }
      }
      try await Follow.send(log.path, on: scheduler, to: target)
    }
    #expect(
      all == [
        "1 I like Python", "2 I like Python", "1 I like perl", "2 I like perl", "1 python, http", "2 python, http",
      ])
  }
}
