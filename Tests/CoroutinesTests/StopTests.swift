import Coroutines
import Testing

@Suite struct StopTests {
  private static func consumer(_ name: String, _ scheduler: Scheduler, _ trace: Trace) -> Consumer<Int> {
    Consumer<Int>(name: name, on: scheduler) { inbox in
      defer { trace.note("\(name) ends") }
      for try await value in inbox {
        try await scheduler.sleep(for: .seconds(1))
        trace.note("\(name) \(value)")
      }
    }
  }

  @Test func `a stop ends the youngest first, and each takes what was sent before`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    let report = try scheduler.run { () async throws -> StopReport in
      let sink = Self.consumer("sink", scheduler, trace)
      scheduler.spawn(name: "source") {
        defer { trace.note("source ends") }
        for value in 0... { try await sink.send(value) }
      }
      try await scheduler.sleep(for: .milliseconds(1500))
      return try await scheduler.stop()
    }
    #expect(trace.all == ["sink 0", "sink 1", "source ends", "sink ends"])
    #expect(report.exits.map(\.name) == ["source", "sink"])
    #expect(report.exits.map { $0.error is CancellationError } == [true, false])
    #expect(report.remaining.isEmpty)
  }

  @Test func `who does not end in time is cancelled and named`() throws {
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    let report = try scheduler.run { () async throws -> StopReport in
      scheduler.spawn(name: "early") { try await scheduler.sleep(for: .seconds(60)) }
      let deaf = Consumer<Int>(name: "deaf", on: scheduler) { _ in
        for _ in 0..<100 { try await scheduler.sleep(for: .seconds(1)) }
      }
      await Task.yield()
      let report = try await scheduler.stop(within: .seconds(3))
      await #expect(throws: CancellationError.self) { try await deaf.value }
      return report
    }
    #expect(clock.now == .seconds(3))
    #expect(report.exits.isEmpty)
    #expect(report.remaining.map(\.name) == ["early", "deaf"])
  }

  @Test func `a group joins what it started, also what is started meanwhile, and forgets what has ended`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run { () async throws in
      let group = RoutineGroup(on: scheduler)
      let other = scheduler.spawn(name: "other") { try await scheduler.sleep(for: .seconds(99)) }
      group.spawn(name: "a") {
        try await scheduler.sleep(for: .seconds(1))
        group.spawn(name: "b") { trace.note("b") }
        throw Rejected()
      }
      #expect(group.routines.map(\.name) == ["a"])
      try await group.join()
      #expect(group.routines.isEmpty)
      #expect(other.result == nil)
    }
    #expect(trace.all == ["b"])
  }

  @Test func `each end is reported once, with its error, and ends nobody else`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    scheduler.onExit { exit in trace.note("\(exit.id) \(exit.name) \(exit.error.map { "\(type(of: $0))" } ?? "-")") }
    scheduler.spawn(name: "sound") { await Task.yield() }
    scheduler.spawn(name: "failing") { throw Rejected() }
    scheduler.spawn(name: "cancelled") { try await scheduler.sleep(for: .seconds(9)) }.cancel()
    scheduler.runToEnd()
    #expect(trace.all.sorted() == ["1 sound -", "2 failing Rejected", "3 cancelled CancellationError"])
  }

  @Test func `run until a time runs what is due, and the rest goes on with the next run`() throws {
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    let trace = Trace()
    for seconds in [1, 2, 3] {
      scheduler.spawn(name: "\(seconds)", after: .seconds(seconds)) { trace.note("\(seconds)") }
    }
    scheduler.run(until: .milliseconds(2500))
    #expect(trace.all == ["1", "2"])
    #expect(clock.now == .milliseconds(2500))
    scheduler.runToEnd()
    #expect(trace.all == ["1", "2", "3"])
  }

  @Test func `the list tells what each routine does`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let bell = Bell(on: scheduler)
      let sink = Consumer<Int>(name: "sink", on: scheduler) { inbox in
        for try await _ in inbox { try await bell.wait() }
      }
      await Task.yield()
      let sender = scheduler.spawn(name: "sender") {
        try await sink.send(1); try await sink.send(2)
      }
      let joiner = scheduler.spawn(name: "joiner") { try await sender.value }
      let sleeper = scheduler.spawn(name: "sleeper") { try await scheduler.sleep(for: .seconds(1)) }
      #expect(
        scheduler.routines.map { "\($0.name) \($0.state)" } == [
          "main running", "sink receiving", "sender starting", "joiner starting", "sleeper starting",
        ])
      for _ in 0..<3 { await Task.yield() }
      #expect(
        scheduler.routines.map { "\($0.name) \($0.state)" } == [
          "main running", "sink waiting", "sender sending", "joiner joining", "sleeper sleeping",
        ])
      bell.ring()
      for _ in 0..<3 { await Task.yield() }
      bell.ring()
      try await joiner.value
      sleeper.cancel()
      #expect(sleeper.status.isCancelled)
    }
  }
}
