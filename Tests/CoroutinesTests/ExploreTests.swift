import Coroutines
import Testing

@Suite(.timeLimit(.minutes(1))) struct ExploreTests {
  @Test func `a program that comes to a standstill fails with its seed, also after it has slept`() throws {
    var caught: SeedFailure?
    do {
      try Scheduler.explore(seeds: [7]) { scheduler in
        try await scheduler.sleep(for: .seconds(1))
        try await scheduler.sleep(for: .seconds(1))
        try await Bell(on: scheduler).wait()
      }
    } catch let error as SeedFailure {
      caught = error
    }
    let failure = try #require(caught)
    #expect(failure.seed == 7)
    #expect((failure.cause as? Standstill)?.routines.map(\.state) == [.waiting])
    #expect("\(failure)".contains("main is waiting"))
    #expect("\(failure)".contains("explore(seeds: [7])"))
  }

  @Test func `a coroutine that is dropped at the end of the program is cleaned up, and keeps nothing`() throws {
    let trace = Trace()
    weak var kept: Scheduler?
    do {
      let scheduler = Scheduler()
      kept = scheduler
      try scheduler.run { () async throws in
        let local = Consumer<Int>(name: "local", on: scheduler) { inbox in
          defer { trace.note("cleanup") }
          for try await _ in inbox {}
        }
        try await local.send(1)
      }
    }
    #expect(trace.all == ["cleanup"])
    #expect(kept == nil)
  }

  @Test func `who is left when a program or a thread's scheduler ends is cancelled and cleaned up`() async throws {
    let trace = Trace()
    @Sendable func leave(_ scheduler: Scheduler) async throws {
      _ = scheduler.spawn(name: "left") {
        defer { trace.note("cleanup") }
        try await scheduler.sleep(for: .seconds(3600))
      }
      await Task.yield()
    }
    try Scheduler.explore(seeds: 0..<3) { try await leave($0) }
    #expect(trace.all.count == 3)
    try await Scheduler.onOwnThread { try await leave($0) }
    #expect(trace.all.count == 4)
  }

  @Test func `those that are spawned as others are cancelled in the end are cancelled too`() async throws {
    let trace = Trace()
    try await Scheduler.onOwnThread(clock: VirtualClock()) { scheduler in
      _ = scheduler.spawn(name: "left") {
        defer {
          scheduler.spawn(name: "heir") {
            for _ in 0..<1000 { try await scheduler.sleep(for: .seconds(1)) }
            trace.note("an hour later")
          }
        }
        try await scheduler.sleep(for: .seconds(3600))
      }
    }
    #expect(trace.all.isEmpty)
  }

  @Test func `two threads that run one scheduler take turns`() async throws {
    let scheduler = Scheduler()
    let threads = OffloadPool(name: "runners", maxThreads: 2)
    async let first = threads.run {
      try scheduler.run {
        try await scheduler.sleep(for: .milliseconds(2)); return 1
      }
    }
    async let second = threads.run {
      try scheduler.run {
        try await scheduler.sleep(for: .milliseconds(2)); return 2
      }
    }
    #expect(try await first + second == 3)
  }
}
