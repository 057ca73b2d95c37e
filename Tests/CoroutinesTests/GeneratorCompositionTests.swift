import Coroutines
import Testing

@Suite struct GeneratorCompositionTests {
  @Test func `map, filter and chunked are lazy and compose`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let chunks = GeneratorTests.countdown(9, on: scheduler, trace).filter { $0 % 2 == 1 }.map { $0 * 10 }
        .chunked(by: 2)
      #expect(trace.all.isEmpty)
      #expect(try await chunks.next() == [90, 70])
      #expect(trace.all.last == "yields 7")
      #expect(try await chunks.next() == [50, 30])
      #expect(try await chunks.next() == [10])
      #expect(try await chunks.next() == nil)
    }
  }

  @Test func `what composes may await, and does so on the scheduler's thread`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let numbers = GeneratorTests.countdown(3, on: scheduler)
      let slow = numbers.filter { number in
        try await scheduler.sleep(for: .seconds(1))
        return scheduler.isOnThread && number != 2
      }
      let slower = slow.map { number -> Int in
        try await scheduler.sleep(for: .seconds(1))
        return scheduler.isOnThread ? number * 10 : 0
      }
      #expect(try await slower.next() == 30)
      #expect(try await slower.next() == 10)
      #expect(scheduler.clock.now == .seconds(5))
      try await slower.close()
    }
  }

  @Test func `closing the last of a chain closes the first`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let first = GeneratorTests.countdown(9, on: scheduler, trace)
      let last = first.map { $0 }.filter { _ in true }.chunked(by: 2)
      #expect(try await last.next() == [9, 8])
      try await last.close()
      #expect(trace.all.last == "cleanup")
      #expect(try await first.next() == nil)
    }
    #expect(trace.all.count { $0 == "cleanup" } == 1)
  }

  @Test func `an error in the middle of a chain closes what is before it`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let failing = GeneratorTests.countdown(9, on: scheduler, trace).map { _ -> Int in throw Rejected() }
      await #expect(throws: Rejected()) { try await failing.next() }
    }
    #expect(trace.all == ["start", "yields 9", "cleanup"])
  }

  /// Each level yields its number and then what the next level does.
  private static func nested(_ level: Int, on scheduler: Scheduler) -> Generator<Int> {
    Generator(name: "level \(level)", on: scheduler) { yield in
      try await yield(level)
      if level > 1 { try await yield.from(nested(level - 1, on: scheduler)) }
    }
  }

  @Test func `delegation is flat: ten thousand levels, and an element costs the same at each`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      var expected = 10_000
      for try await level in Self.nested(10_000, on: scheduler) {
        guard level == expected else { return #expect(level == expected) }
        expected -= 1
      }
      #expect(expected == 0)
      #expect(scheduler.routines.count == 1)
    }
  }

  @Test func `who delegates goes on where the other ends, and catches what it throws`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let failing = Generator<Int>(name: "failing", on: scheduler) { yield in
        try await yield(2)
        throw Rejected()
      }
      let outer = Generator<Int>(name: "outer", on: scheduler) { yield in
        try await yield.from(GeneratorTests.countdown(1, on: scheduler))
        do { try await yield.from(failing) } catch is Rejected { try await yield(3) }
        try await yield.from([4, 5])
      }
      var all: [Int] = []
      for try await number in outer { all.append(number) }
      #expect(all == [1, 2, 3, 4, 5])
    }
  }

  @Test(arguments: [false, true]) func `closing or dropping ends the innermost body first`(_ isDropped: Bool) throws {
    let trace = Trace()
    let scheduler = Scheduler()
    @Sendable func level(_ number: Int) -> Generator<Int> {
      Generator(name: "level \(number)", on: scheduler) { yield in
        defer { trace.note("cleanup \(number)") }
        try await yield(number)
        if number < 3 { try await yield.from(level(number + 1)) }
      }
    }
    try scheduler.run { () async throws in
      do {
        let outer = level(1)
        for number in 1...3 { #expect(try await outer.next() == number) }
        if !isDropped { try await outer.close() }
      }
      while scheduler.routines.count > 1 { await Task.yield() }
    }
    #expect(trace.all == ["cleanup 3", "cleanup 2", "cleanup 1"])
  }

  @Test func `a delegate that was cancelled with its consumer is an error for who delegates`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let inner = Generator<Int>(name: "inner", on: scheduler) { yield in
        try await yield(1)
        try await scheduler.sleep(for: .seconds(3600))
        try await yield(2)
      }
      let outer = Generator<Int>(name: "outer", on: scheduler) { yield in
        do { try await yield.from(inner) } catch CoroutineError.cancelled { try await yield(-1) }
        try await yield(99)
      }
      #expect(try await outer.next() == 1)
      let consumer = scheduler.spawn(name: "consumer") { try await outer.next() }
      while consumer.status.state != .sending { await Task.yield() }
      consumer.cancel()
      await #expect(throws: CancellationError.self) { try await consumer.value }
      #expect(try await outer.next() == -1)
      #expect(try await outer.next() == 99)
      #expect(try await outer.next() == nil)
    }
  }

  @Test func `one that a stop cancelled between two elements does not look complete`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let numbers = Generator(name: "numbers", on: scheduler, of: 0..<10)
      #expect(try await numbers.next() == 0)
      _ = try await scheduler.stop()
      await #expect(throws: CoroutineError.cancelled(name: "numbers")) { try await numbers.next() }
      #expect(try await numbers.next() == nil)
    }
  }

  @Test func `one that is delegated to belongs to the other until it ends`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let inner = GeneratorTests.countdown(3, on: scheduler)
      #expect(try await inner.next() == 3)
      let outer = Generator<Int>(on: scheduler) { yield in try await yield.from(inner) }
      let rival = Generator<Int>(on: scheduler) { yield in try await yield.from(inner) }
      #expect(try await outer.next() == 2)
      await #expect(throws: CoroutineError.inUse(name: "countdown")) { try await inner.next() }
      await #expect(throws: CoroutineError.inUse(name: "countdown")) { try await rival.next() }
      #expect(try await outer.next() == 1)
      #expect(try await outer.next() == nil)
      #expect(try await inner.next() == nil)
      let late = Generator<Int>(on: scheduler) { yield in try await yield.from(inner) }
      #expect(try await late.next() == nil)
    }
  }
}
