import Coroutines
import Testing

@Suite struct BroadcastPolicyTests {
  /// Takes a value an hour.
  private static func slow(_ trace: Trace, on scheduler: Scheduler) -> Consumer<Int> {
    Consumer(name: "slow", on: scheduler) { inbox in
      for try await value in inbox {
        trace.note("\(value)")
        try await scheduler.sleep(for: .seconds(3600))
      }
    }
  }

  @Test(arguments: [(Channel<Int>.Overflow.dropOldest, ["1", "4", "5"]), (.dropNewest, ["1", "2", "3"])])
  func `a slow target with a buffer that drops holds nobody up`(
    _ overflow: Channel<Int>.Overflow, _ taken: [String]
  ) throws {
    let trace = Trace()
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    try scheduler.run { () async throws in
      let quick = Consumer<Int>(name: "quick", on: scheduler) { inbox in for try await _ in inbox {} }
      let slow = Self.slow(trace, on: scheduler)
      let broadcast = Broadcast<Int>(to: [.init(quick), .init(slow, .buffer(2, overflow: overflow))])
      for value in 1...5 {
        let outcome = try await broadcast.send(value)
        #expect(outcome.takers + outcome.dropped == [0, 1])
        #expect(outcome.dropped.isEmpty || overflow == .dropNewest && value > 3)
        while trace.all.isEmpty { await Task.yield() }
      }
      #expect(clock.now == .zero)
      #expect(broadcast.droppedCounts == [0, 2])
      #expect(try await broadcast.close().isEmpty)
      await #expect(throws: CoroutineError.ended(name: "broadcast")) { try await broadcast.send(6) }
      try await slow.close()
    }
    #expect(trace.all == taken)
  }

  @Test func `a buffer that makes the sender wait loses nothing`() throws {
    let trace = Trace()
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    try scheduler.run { () async throws in
      let slow = Self.slow(trace, on: scheduler)
      let broadcast = Broadcast<Int>(to: [.init(slow, .buffer(2, overflow: .wait))])
      for value in 1...5 { try await broadcast.send(value) }
      #expect(clock.now == .seconds(7200))  // one is under way, two are in the buffer: the fifth waits for the fourth
      try await broadcast.close()
      try await slow.close()
    }
    #expect(trace.all == ["1", "2", "3", "4", "5"])
  }

  @Test func `a target that fails behind its buffer is reported once and set apart`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let failing = Consumer<Int>(name: "failing", on: scheduler) { inbox in
        for try await _ in inbox { throw Rejected() }
      }
      let sound = Consumer<Int>(name: "sound", on: scheduler) { inbox in for try await _ in inbox {} }
      let broadcast = Broadcast<Int>(to: [.init(failing, .buffer(8, overflow: .wait)), .init(sound)])
      #expect(try await broadcast.send(1).takers == [0, 1])
      while !failing.hasEnded { await Task.yield() }
      await Task.yield()
      let outcome = try await broadcast.send(2)
      #expect(outcome.takers == [1])
      #expect(outcome.faults.map(\.index) == [0])
      #expect(outcome.faults.first?.error is Rejected)
      #expect(try await broadcast.send(3).faults.isEmpty)
      #expect(broadcast.liveCount == 1)
      #expect(try await broadcast.close().isEmpty)
    }
  }

  @Test func `a sender that is cancelled knows who took the value and who did not`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let busy = Self.slow(trace, on: scheduler)
      let other = Self.slow(trace, on: scheduler)
      let first = scheduler.spawn(name: "first") { try await busy.send(1) }
      while scheduler.routines.count(where: { $0.state == .sleeping }) < 1 { await Task.yield() }
      let broadcast = Broadcast(to: [busy, other])
      let sending = scheduler.spawn(name: "sending") { try await broadcast.send(2) }
      while scheduler.routines.count(where: { $0.state == .sleeping }) < 2 { await Task.yield() }
      sending.cancel()
      let outcome = try await sending.value
      #expect(outcome.takers == [1])
      #expect(outcome.missed == [0])
      #expect(outcome.faults.isEmpty)
      try await first.value
      let late = scheduler.spawn(name: "late") { try await broadcast.send(3) }
      late.cancel()
      await #expect(throws: CancellationError.self) { try await late.value }
      #expect(trace.all == ["1", "2"])
      for target in [busy, other] { try await target.close() }
    }
  }

  @Test func `a stop lets a target take what its buffer holds`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let slow = Self.slow(trace, on: scheduler)
      let broadcast = Broadcast<Int>(to: [.init(slow, .buffer(8, overflow: .wait))])
      for value in 1...5 { #expect(try await broadcast.send(value).takers == [0]) }
      #expect(try await scheduler.stop().remaining.isEmpty)
      #expect(try await broadcast.close().isEmpty)
    }
    #expect(trace.all == ["1", "2", "3", "4", "5"])
  }

  @Test func `a sender that waits for room learns why there will be none`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let failing = Consumer<Int>(name: "failing", on: scheduler) { inbox in
        for try await _ in inbox {
          try await scheduler.sleep(for: .seconds(1))
          throw Rejected()
        }
      }
      let broadcast = Broadcast<Int>(to: [.init(failing, .buffer(1, overflow: .wait))])
      var faults: [any Error] = []
      for value in 1...4 { faults += try await broadcast.send(value).faults.map(\.error) }
      #expect(faults.count == 1)
      #expect(faults.first is Rejected)
    }
  }

  @Test func `a ring through one target does not cost another its value`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let healthy = Self.slow(trace, on: scheduler)
      let sender = Box<Routine<Broadcast<Int>.Outcome>>()
      let ring = Consumer<Int>(name: "ring", on: scheduler) { inbox in
        for try await value in inbox where value == 7 { _ = await sender.value?.outcome }
      }
      let first = scheduler.spawn(name: "first") { try await healthy.send(1) }
      while trace.all.isEmpty { await Task.yield() }
      let broadcast = Broadcast(to: [healthy, ring])
      sender.value = scheduler.spawn(name: "sender") { try await broadcast.send(7) }
      let outcome = try await sender.value?.value
      #expect(outcome?.takers.contains(0) == true)
      try await first.value
      #expect(trace.all == ["1", "7"])
      sender.value = nil
      for target in [healthy, ring] { try await target.close() }
    }
  }

  @Test func `each target is timed, also one that fails`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run { () async throws in
      let targets = [1, 5, 3].map { seconds in
        Consumer<Int>(name: "\(seconds) s", on: scheduler) { inbox in
          for try await _ in inbox {
            try await scheduler.sleep(for: .seconds(seconds))
            if seconds == 5 { throw Rejected() }
          }
        }
      }
      let broadcast = Broadcast(to: targets)
      let outcome = try await broadcast.send(each: { $0 }, timer: { trace.note("\($0): \($1)") })
      #expect(outcome.takers == [0, 2])
    }
    #expect(trace.all == ["0: 1.0 seconds", "2: 3.0 seconds", "1: 5.0 seconds"])
  }

  @Test func `a target that broadcasts to itself is told, stays, and nothing hangs`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let broadcast = Box<Broadcast<Int>>()
      let trace = Trace()
      let echo = Consumer<Int>(name: "echo", on: scheduler) { inbox in
        for try await value in inbox where value == 1 {
          let outcome = try await broadcast.value?.send(2)
          trace.note("\(outcome?.faults.map { "\($0.error)" } ?? [])")
        }
      }
      broadcast.value = Broadcast(to: [echo])
      let outcome = try await broadcast.value?.send(1)
      #expect(outcome?.takers == [0])
      #expect(broadcast.value?.liveCount == 1)
      #expect(trace.all.count == 1 && trace.all[0].contains("used by its own body"))
      broadcast.value = nil
      try await echo.close()
    }
  }
}
