import Coroutines
import Testing

@Suite struct BroadcastTests {
  @Test func `each target gets each value`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let targets = ["a", "b"].map { name in
        Consumer<String>(name: name, on: scheduler) { inbox in
          for try await line in inbox { trace.note("\(name) \(line)") }
        }
      }
      let broadcast = Broadcast(to: targets)
      let outcome = try await broadcast.send("x")
      #expect(outcome.takers == [0, 1])
      for target in targets { try await target.close() }
    }
    #expect(trace.all.sorted() == ["a x", "b x"])
  }

  @Test func `a failing target is set apart and the others go on`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let broken = Consumer<Int>(name: "broken", on: scheduler) { inbox in
        for try await value in inbox where value == 2 { throw Rejected() }
      }
      let sound = Consumer<Int>(name: "sound", on: scheduler) { inbox in
        for try await value in inbox { trace.note("\(value)") }
      }
      let broadcast = Broadcast(to: [broken, sound])
      var outcomes: [Broadcast<Int>.Outcome] = []
      for value in 1...3 { outcomes.append(try await broadcast.send(value)) }
      #expect(outcomes.map { $0.faults.map(\.index) } == [[], [0], []])
      #expect(outcomes.map(\.takers) == [[0, 1], [1], [1]])
      #expect(broadcast.liveCount == 1)
      try await sound.close()
    }
    #expect(trace.all == ["1", "2", "3"])
  }

  @Test func `the slowest target sets the pace, and targets work at the same time`() throws {
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    try scheduler.run {
      let targets = [1, 5].map { seconds in
        Consumer<Int>(name: "\(seconds) s", on: scheduler) { inbox in
          for try await _ in inbox { try await scheduler.sleep(for: .seconds(seconds)) }
        }
      }
      try await Broadcast(to: targets).send(1)
      #expect(clock.now == .seconds(5))
      for target in targets { try await target.close() }
    }
  }
}
