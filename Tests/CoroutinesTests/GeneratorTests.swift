import Coroutines
import Testing

@Suite struct GeneratorTests {
  /// Counts down from `number`, and says what its body does.
  static func countdown(_ number: Int, on scheduler: Scheduler, _ trace: Trace = Trace()) -> Generator<Int> {
    Generator(name: "countdown", on: scheduler) { yield in
      trace.note("start")
      defer { trace.note("cleanup") }
      for number in stride(from: number, to: 0, by: -1) {
        trace.note("yields \(number)")
        try await yield(number)
      }
    }
  }

  @Test func `nothing of the body runs before the first element is asked for, and then only up to the next`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let generator = Self.countdown(2, on: scheduler, trace)
      await Task.yield()
      #expect(trace.all.isEmpty)
      #expect(scheduler.routines.map(\.name) == ["main"])
      #expect(try await generator.next() == 2)
      #expect(trace.all == ["start", "yields 2"])
      #expect(try await generator.next() == 1)
      #expect(try await generator.next() == nil)
      #expect(try await generator.next() == nil)
    }
    #expect(trace.all == ["start", "yields 2", "yields 1", "cleanup"])
  }

  @Test func `it is a sequence, passed through once`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let generator = Self.countdown(4, on: scheduler)
      var numbers: [Int] = []
      for try await number in generator {
        numbers.append(number)
        if number == 3 { break }
      }
      for try await number in generator { numbers.append(number * 10) }
      #expect(numbers == [4, 3, 20, 10])
      #expect(try await generator.reduce(0, +) == 0)
    }
  }

  @Test(arguments: ["drop", "close", "cancel"]) func `a consumer that stops early ends the body, once`(
    _ way: String
  ) throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let consumer = scheduler.spawn(name: "consumer") {
        let generator = Self.countdown(9, on: scheduler, trace)
        _ = try await generator.next()
        switch way {
        case "close":
          try await generator.close()
          try await generator.close()
          #expect(try await generator.next() == nil)
        case "cancel": try await scheduler.sleep(for: .seconds(3600))
        default: break
        }
      }
      while trace.all.count < 2 { await Task.yield() }
      if way == "cancel" { consumer.cancel() }
      _ = await consumer.outcome
      while scheduler.routines.count > 1 { await Task.yield() }
    }
    #expect(trace.all == ["start", "yields 9", "cleanup"])
  }

  @Test func `one that was never asked is dropped without a trace`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      _ = Self.countdown(9, on: scheduler, trace)
      let closed = Self.countdown(9, on: scheduler, trace)
      try await closed.close()
      #expect(try await closed.next() == nil)
      await Task.yield()
    }
    #expect(trace.all.isEmpty)
  }

  @Test func `a consumer that is cancelled while the body works cancels the body, and waits for its cleanup`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let slow = Generator<Int>(name: "slow", on: scheduler) { yield in
        defer { trace.note("cleanup") }
        try await scheduler.sleep(for: .seconds(3600))
        try await yield(1)
      }
      let consumer = scheduler.spawn(name: "consumer") {
        do { _ = try await slow.next() } catch is CancellationError { trace.note("cancelled") }
      }
      while scheduler.routines.last?.state != .sleeping { await Task.yield() }
      consumer.cancel()
      try await consumer.value
      #expect(try await slow.next() == nil)
    }
    #expect(trace.all == ["cleanup", "cancelled"])
  }

  @Test func `an error ends it, and is thrown once`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let generator = Generator<Int>(on: scheduler) { yield in
        try await yield(1)
        throw Rejected()
      }
      #expect(try await generator.next() == 1)
      await #expect(throws: Rejected()) { try await generator.next() }
      #expect(try await generator.next() == nil)
    }
  }

  @Test func `a body that asks for its own next element is told, and does not hang`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let itself = Box<Generator<Int>>()
      let generator = Generator<Int>(name: "snake", on: scheduler) { yield in
        await #expect(throws: CoroutineError.cycle(["snake", "snake"])) { try await itself.value?.next() }
        await #expect(throws: CoroutineError.cycle(["snake", "snake"])) { try await itself.value?.close() }
        await #expect(throws: CoroutineError.inUse(name: "snake")) {
          if let generator = itself.value { try await yield.from(generator) }
        }
        try await yield(1)
      }
      itself.value = generator
      #expect(try await generator.next() == 1)
      itself.value = nil
    }
  }

  @Test func `several who ask are served in the order in which they came`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let generator = Generator<Int>(on: scheduler) { yield in
        for number in 1... {
          try await scheduler.sleep(for: .seconds(1))
          try await yield(number)
        }
      }
      let consumers = ["a", "b", "c"].map { name in
        scheduler.spawn(name: name) { trace.note("\(name) \(try await generator.next() ?? 0)") }
      }
      await Task.yield()
      for consumer in consumers { try await consumer.value }
      try await generator.close()
    }
    #expect(trace.all == ["a 1", "b 2", "c 3"])
  }

  @Test func `plain tasks and other threads may ask`() async throws {
    let sum = try await Scheduler.onOwnThread { scheduler in
      let generator = Self.countdown(100, on: scheduler)
      return try await Task.detached { try await generator.reduce(0, +) }.value
    }
    #expect(sum == 5050)
  }
}
