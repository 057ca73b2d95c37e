import Coroutines
import Testing

/// The lecture that weir grew from, example by example, in its order and with its output: futures, generators, the
/// timing context. `PipelineLectureTests` goes on with files, `SchedulerLectureTests` with tasks.
@Suite struct LectureTests {
  /// What the examples' worker works on: it takes a second and returns the sum.
  @Sendable static func add(_ left: Int, _ right: Int, _ gate: Gate) -> Int {
    gate.pass()
    return left + right
  }

  @Test func `1: a future is awaited`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    let pool = OffloadPool(name: "pool", maxThreads: 2)
    let gate = Gate()
    try scheduler.run {
      let future = scheduler.spawn(name: "future") { try await pool.run { Self.add(2, 3, gate) } }
      #expect(future.result == nil)
      gate.open()
      out.note("Got: \(try await future.value)")
      out.note("DONE")
    }
    #expect(out.all == ["Got: 5", "DONE"])
  }

  @Test func `2: a future calls back when it is done, and the caller goes on`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    let pool = OffloadPool(name: "pool", maxThreads: 2)
    let gate = Gate()
    try scheduler.run {
      let future = scheduler.spawn(name: "future") { try await pool.run { Self.add(2, 3, gate) } }
      future.whenDone { result in out.note("Got: \((try? result.get()) ?? 0)") }
      out.note("DONE")
      gate.open()
      _ = try await future.value
    }
    #expect(out.all == ["DONE", "Got: 5"])
  }

  /// `def countdown(n): while n > 0: yield n; n -= 1`
  static func countdown(_ number: Int, on scheduler: Scheduler, _ out: Trace? = nil) -> Generator<Int> {
    Generator(name: "countdown", on: scheduler) { yield in
      out?.note("for \(number)")
      var number = number
      while number > 0 {
        try await yield(number)
        number -= 1
      }
    }
  }

  @Test func `3: a generator counts down`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      for try await number in Self.countdown(3, on: scheduler) { out.note("\(number)...") }
    }
    #expect(out.all.joined() == "3...2...1...")
  }

  @Test func `4: making a generator runs nothing of its body`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let generator = Self.countdown(3, on: scheduler, out)
      await Task.yield()
      #expect(out.all.isEmpty)
      #expect(try await generator.next() == 3)
      #expect(out.all == ["for 3"])
    }
  }

  @Test func `5: the end is signalled`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let generator = Self.countdown(2, on: scheduler)
      while let number = try await generator.next() { out.note("\(number)") }
      out.note("END")
    }
    #expect(out.all == ["2", "1", "END"])
  }

  @Test(arguments: [false, true]) func `6: a context manager times its body, also one that throws`(
    _ doesThrow: Bool
  ) throws {
    let out = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    struct Printer: TimingRecorder {
      let out: Trace
      func record(_ measurement: Measurement) {
        let hundredths = measurement.wall.wholeMilliseconds / 10
        out.note("\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)")
      }
    }
    try scheduler.run {
      let timing = Timing(clock: scheduler.clock, recorder: Printer(out: out))
      do {
        try await timing.measure("body") {
          try await scheduler.sleep(for: .seconds(2))
          if doesThrow { throw Rejected() }
        }
        #expect(!doesThrow)
      } catch is Rejected {
        #expect(doesThrow)
      }
    }
    #expect(out.all == ["2.00"])
  }
}
