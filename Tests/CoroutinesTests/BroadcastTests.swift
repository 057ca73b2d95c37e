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

  @Test func `a body works on all that stands in line in one go, and its senders go on together`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let body = Consumer<Int>(name: "body", on: scheduler) { inbox in
        for try await value in inbox {
          await Task.yield()
          let values = [value] + inbox.takeWaiting(atMost: 3)
          trace.note("\(values)")
        }
      }
      let senders = (1...6).map { number in
        scheduler.spawn(name: "sender \(number)") {
          try await body.send(number)
          trace.note("\(number) went on")
        }
      }
      for sender in senders { try await sender.value }
      try await body.close()
    }
    let went = (1...6).map { "\($0) went on" }
    #expect(trace.all.filter { !$0.hasSuffix("on") } == ["[1, 2, 3, 4]", "[5, 6]"])
    #expect(trace.all.filter { $0.hasSuffix("on") } == went)
    #expect(trace.all.firstIndex(of: "[5, 6]")! < trace.all.firstIndex(of: went[4])!)
    #expect(trace.all.firstIndex(of: "[1, 2, 3, 4]")! < trace.all.firstIndex(of: went[0])!)
  }

  @Test func `a body that fails on several fails all their senders, and nobody else's`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let body = Consumer<Int>(name: "body", on: scheduler) { inbox in
        for try await value in inbox {
          await Task.yield()
          if inbox.takeWaiting(atMost: 1).count + value > 1 { throw Rejected() }
        }
      }
      let senders = (1...3).map { number in
        scheduler.spawn(name: "sender \(number)") { try await body.send(number) }
      }
      await #expect(throws: Rejected.self) { try await senders[0].value }
      await #expect(throws: Rejected.self) { try await senders[1].value }
      await #expect(throws: (any Error).self) { try await senders[2].value }
    }
  }

  @Test func `some targets are sent to`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let targets = ["a", "b", "c"].map { name in
        Consumer<Int>(name: name, on: scheduler) { inbox in
          for try await value in inbox { trace.note("\(name) \(value)") }
        }
      }
      let outcome = try await Broadcast(to: targets).send([(index: 0, value: 1), (index: 2, value: 2)])
      #expect(outcome.takers == [0, 2])
      for target in targets { try await target.close() }
    }
    #expect(trace.all.sorted() == ["a 1", "c 2"])
  }
}
