import Coroutines
import Glibc
import Testing

/// The lecture's ways between what blocks and what awaits.
@Suite(.timeLimit(.minutes(1))) struct BridgeLectureTests {
  /// `@asynccontextmanager async def page(url): yield await loop.run_in_executor(None, requests.get, url)`
  private static func withPage(
    port: UInt16, by pool: OffloadPool, _ body: (String) async throws -> Void
  ) async throws {
    try await body(try await pool.run { PageServer.fetch(port: port) })
  }

  @Test func `20: a blocking fetch inside an async context, and other routines run meanwhile`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let pool = OffloadPool(name: "executor", maxThreads: 2)
      let server = PageServer()
      let gate = Gate()
      let serving = scheduler.spawn(name: "server") {
        try await pool.run { server.answer("<html>python</html>", after: gate) }
      }
      let printing = scheduler.spawn(name: "printing") {
        try await Self.withPage(port: server.port, by: pool) { page in out.note(page) }
      }
      await Task.yield()
      out.note("meanwhile")
      gate.open()
      try await serving.value
      try await printing.value
    }
    #expect(out.all == ["meanwhile", "<html>python</html>"])
  }

  /// `async def rng(n): for i in range(n): await asyncio.sleep(0); yield i`
  private static func rng(_ count: Int, on scheduler: Scheduler) -> Generator<Int> {
    Generator(name: "rng", on: scheduler) { yield in
      for number in 0..<count {
        await Task.yield()
        try await yield(number)
      }
    }
  }

  @Test func `21: an async generator is consumed by for await`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      for try await number in Self.rng(3, on: scheduler) { out.note("\(number)") }
    }
    #expect(out.all == ["0", "1", "2"])
  }

  @Test func `22: a synchronous task inside the scheduler runs it to its end in a loop of its own`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    /// Awaits nothing: a plain function.
    @Sendable func task() throws {
      let loop = Scheduler()
      try loop.run { for try await number in Self.rng(3, on: loop) { out.note("\(number)") } }
    }
    try scheduler.run {
      let routine = scheduler.spawn(name: "synchronous") {
        #expect(scheduler.isOnThread)
        try task()
        #expect(scheduler.isOnThread)
      }
      try await routine.value
      out.note("outside")
    }
    #expect(out.all == ["0", "1", "2", "outside"])
  }

  @Test func `23: at the top level of a program`() throws {
    var path = [UInt8](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count)
    let runner = String(decoding: path.prefix(max(0, length)), as: UTF8.self)
    let folder = runner.split(separator: "/").dropLast().joined(separator: "/")
    let program = try #require(popen("'/\(folder)/top-level'", "r"))
    var lines: [String] = []
    var bytes = [CChar](repeating: 0, count: 64)
    while fgets(&bytes, 64, program) != nil {
      lines.append(String(decoding: bytes.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    #expect(pclose(program) == 0)
    #expect(lines == ["0", "1", "2"])
  }
}
