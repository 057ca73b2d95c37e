import Coroutines
import Glibc
import Testing

@Suite struct SchedulerTests {
  @Test func `routines take turns`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let routines = ["foo", "bar"].map { name in
        scheduler.spawn(name: name) {
          for _ in 0..<2 {
            trace.note(name)
            await Task.yield()
          }
        }
      }
      for routine in routines { try await routine.value }
    }
    #expect(trace.all == ["foo", "bar", "foo", "bar"])
  }

  @Test func `an error ends its routine and no other`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let failing = scheduler.spawn(name: "failing") { throw Rejected() }
      let other = scheduler.spawn(name: "other") {
        await Task.yield()
        return 7
      }
      failing.whenDone { _ in trace.note("reported") }
      await #expect(throws: Rejected()) { try await failing.value }
      let value = try await other.value
      #expect(value == 7)
    }
    #expect(trace.all == ["reported"])
  }

  @Test func `the list names what runs, and forgets what has ended`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      let sleeper = scheduler.spawn(name: "sleeper") { try await scheduler.sleep(for: .seconds(60)) }
      #expect(scheduler.routines.map(\.name) == ["main", "sleeper"])
      sleeper.cancel()
      #expect(scheduler.routines.last?.isCancelled == true)
      await #expect(throws: CancellationError.self) { try await sleeper.value }
      #expect(scheduler.routines.map(\.name) == ["main"])
    }
  }

  @Test func `timers fire in order of deadline, then of insertion, and take no time on a virtual clock`() throws {
    let trace = Trace()
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    try scheduler.run {
      let sleeps = [("c", 3), ("a", 1), ("b1", 2), ("b2", 2)].map { name, hours in
        scheduler.spawn(name: name) {
          try await scheduler.sleep(for: .seconds(hours * 3600))
          trace.note(name)
        }
      }
      for sleep in sleeps { try await sleep.value }
    }
    #expect(trace.all == ["a", "b1", "b2", "c"])
    #expect(clock.now == .seconds(3 * 3600))
  }

  @Test func `a descriptor that becomes readable wakes its routine`() throws {
    let scheduler = Scheduler()
    let byte = try scheduler.run { () async throws -> UInt8 in
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let (reading, writing) = (ends[0], ends[1])
      defer { close(reading) }
      let reader = scheduler.spawn(name: "reader") { () async throws -> UInt8 in
        try await scheduler.readable(reading)
        var byte: UInt8 = 0
        read(reading, &byte, 1)
        return byte
      }
      let offload = Offload(name: "writer")
      try await offload.run {
        var byte: UInt8 = 42
        write(writing, &byte, 1)
        close(writing)
      }
      return try await reader.value
    }
    #expect(byte == 42)
  }

  @Test func `waiting for a descriptor can be cancelled, and started again`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let (reading, writing) = (ends[0], ends[1])
      let waiting = scheduler.spawn(name: "waiting") { try await scheduler.readable(reading) }
      await Task.yield()
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      close(writing)
      try await scheduler.readable(reading)  // its end is readable
      close(reading)
    }
  }

  @Test func `run ends with its body, whatever others still wait for`() throws {
    let scheduler = Scheduler()
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let reading = ends[0]
    let took = try ContinuousClock().measure {
      try scheduler.run {
        scheduler.spawn(name: "sleeper") { try await scheduler.sleep(for: .seconds(60)) }
        scheduler.spawn(name: "reader") { try await scheduler.readable(reading) }
        await Task.yield()
      }
    }
    #expect(took < .seconds(30))
  }

  @Test func `a seed draws the order, the same each time`() throws {
    func order(seed: UInt64) throws -> [String] {
      let trace = Trace()
      let scheduler = Scheduler(clock: VirtualClock(), seed: seed)
      try scheduler.run {
        let routines = (0..<8).map { number in scheduler.spawn(name: "\(number)") { trace.note("\(number)") } }
        for routine in routines { try await routine.value }
      }
      return trace.all
    }
    let orders = try (0..<20).map { try order(seed: UInt64($0)) }
    #expect(Set(orders).count > 10)
    for seed in 0..<20 {
      let again = try order(seed: UInt64(seed))
      #expect(again == orders[seed])
    }
  }

  @Test func `an actor on the scheduler runs on its thread`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let counter = Counter(scheduler: scheduler)
      #expect(await counter.isOnThread)
    }
    #expect(!scheduler.isOnThread)
  }

  private actor Counter {
    nonisolated let scheduler: Scheduler
    nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
    var isOnThread: Bool { scheduler.isOnThread }
    init(scheduler: Scheduler) { self.scheduler = scheduler }
  }
}
