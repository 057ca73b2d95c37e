import Coroutines
import Testing

/// Ends that meet each other: a stop, a cancellation or a drop while something else is under way.
@Suite struct EndingTests {
  @Test func `a stop ends a generator that sleeps, and whoever waits for it`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let report = try scheduler.run { () async throws -> StopReport in
      scheduler.spawn(name: "consumer") {
        let ticks = Generator<Int>(name: "ticks", on: scheduler) { _ in
          while true { try await scheduler.sleep(for: .seconds(1)) }
        }
        for try await _ in ticks {}
      }
      try await scheduler.sleep(for: .milliseconds(1500))
      return try await scheduler.stop(within: .seconds(100))
    }
    #expect(report.remaining.map(\.name) == [])
    #expect(scheduler.clock.now < .seconds(3), "\(scheduler.clock.now)")
  }

  @Test func `a stop whose caller is cancelled throws CancellationError`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let deaf = Consumer<Int>(name: "deaf", on: scheduler) { _ in try await scheduler.sleep(for: .seconds(3600)) }
      let stopper = scheduler.spawn(name: "stopper") { try await scheduler.stop(within: .seconds(60)) }
      while stopper.status.state != .joining { await Task.yield() }
      stopper.cancel()
      await #expect(throws: CancellationError.self) { try await stopper.value }
      #expect(scheduler.clock.now == .zero)
      deaf.cancel()
    }
  }

  @Test func `one that is cancelled while it delegates ends the other`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let inner = Coroutine<Int, Int, Void>(name: "inner", on: scheduler) { exchange in
        while true { try await exchange.yield(1) }
      }
      let outer = Coroutine<Int, Int, Void>(name: "outer", on: scheduler) { exchange in
        try await exchange.yield(from: inner)
      }
      _ = try await outer.next()
      outer.cancel()
      await #expect(throws: CancellationError.self) { try await outer.value }
      for _ in 0..<9 { await Task.yield() }
      #expect(inner.hasEnded)
      inner.cancel()
    }
  }

  @Test func `one that is cancelled before its first turn, and one that is closed in a yield, say so`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let early = Consumer<Int>(name: "early", on: scheduler) { inbox in for try await _ in inbox {} }
      early.cancel()
      await #expect(throws: CancellationError.self) { try await early.value }
      let closed = Coroutine<Int, Int, Void>(name: "closed", on: scheduler) { exchange in
        while true { try await exchange.yield(1) }
      }
      _ = try await closed.next()
      try await closed.close()
      await #expect(throws: CoroutineExit()) { try await closed.value }
    }
  }

  @Test func `a stop of a group whose caller is cancelled throws CancellationError`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let group = RoutineGroup(on: scheduler)
      group.spawn(name: "slow to end") {
        do { try await scheduler.sleep(for: .seconds(9999)) } catch {
          _ = await scheduler.spawn(name: "cleanup") { try await scheduler.sleep(for: .seconds(3600)) }.outcome
        }
      }
      await Task.yield()
      let stopper = scheduler.spawn(name: "stopper") { try await group.stop() }
      scheduler.spawn(name: "canceller", after: .seconds(1)) { stopper.cancel() }
      await #expect(throws: CancellationError.self) { try await stopper.value }
      #expect(scheduler.clock.now == .seconds(1))
    }
  }

  @Test func `a generator whose last use is a call lives as long as the call`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let first = try await Generator<Int>(on: scheduler) { yield in
        try await scheduler.sleep(for: .seconds(1))
        try await yield(1)
      }.next()
      #expect(first == 1)
      let chained = try await Generator<Int>(on: scheduler, of: [1, 2, 3]).map { $0 * 2 }.filter { $0 > 2 }.next()
      #expect(chained == 4)
    }
  }

  @Test func `a generator whose consumer was cancelled while it yields to another`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let numbers = Generator<Int>(on: scheduler) { yield in
        for number in 1... {
          try await scheduler.sleep(for: .seconds(1))
          try await yield(number)
        }
      }
      let first = scheduler.spawn(name: "first") { try await numbers.next() }
      let second = scheduler.spawn(name: "second") { try await numbers.next() }
      try await scheduler.sleep(for: .milliseconds(500))
      second.cancel()
      await #expect(throws: CancellationError.self) { try await second.value }
      #expect(try await first.value == 1)
      #expect(try await numbers.next() == 2)
    }
  }
}
