import Coroutines
import Synchronization
import Testing

@Suite struct TimingTests {
  @Test func `a body is measured, also when it throws`() throws {
    let clock = VirtualClock()
    let recorder = Recorder()
    let timing = Timing(clock: clock, recorder: recorder)
    #expect(timing.measure("a") { clock.advance(by: .seconds(2)) } == ())
    #expect(throws: Rejected()) {
      try timing.measure("b") {
        clock.advance(by: .milliseconds(5))
        throw Rejected()
      }
    }
    #expect(recorder.all == ["a 2.0 seconds", "b 0.005 seconds"])
  }

  @Test func `time spent suspended counts`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let recorder = Recorder()
    try scheduler.run {
      let timing = Timing(clock: scheduler.clock, recorder: recorder)
      try await timing.measure("sleep") { try await scheduler.sleep(for: .seconds(2)) }
    }
    #expect(recorder.all == ["sleep 2.0 seconds"])
  }

  @Test func `stages inside of stages know where they are, and come first`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let recorder = Recorder()
    try scheduler.run { () async throws in
      let timing = Timing(clock: scheduler.clock, recorder: recorder)
      await #expect(throws: Rejected()) {
        try await timing.measure("batch") { timing in
          try await timing.measure("store") { timing in
            try await scheduler.sleep(for: .seconds(1))
            try timing.measure("commit") { throw Rejected() }
          }
        }
      }
    }
    #expect(recorder.all == ["2 store > commit 0.0 seconds", "1 batch > store 1.0 seconds", "batch 1.0 seconds"])
  }

  @Test func `CPU time is that of the thread, and only where it is asked for`() throws {
    let measurements = Mutex<[Measurement]>([])
    struct Keeper: TimingRecorder {
      let keep: (Measurement) -> Void
      func record(_ measurement: Measurement) { keep(measurement) }
    }
    let keeper = Keeper { measurement in measurements.withLock { $0.append(measurement) } }
    let work = { (0..<200_000).reduce(0) { $0 &+ $1 &* $1 } }
    let clock = SystemClock()
    #expect(Timing(clock: clock, measuresCPU: true, recorder: keeper).measure("work", work) != 0)
    #expect(Timing(clock: clock, recorder: keeper).measure("work", work) != 0)
    let all = measurements.withLock { $0 }
    let cpu = try #require(all[0].cpu)
    #expect(cpu > .zero && cpu <= all[0].wall + .milliseconds(1))
    #expect(all[1].cpu == nil)
  }

  private final class Recorder: TimingRecorder, Sendable {
    private let lines = Mutex<[String]>([])
    func record(_ measurement: Measurement) {
      let place = measurement.enclosing.map { "\(measurement.depth) \($0) > " } ?? ""
      lines.withLock { $0.append("\(place)\(measurement.stage) \(measurement.wall)") }
    }
    var all: [String] { lines.withLock { $0 } }
  }
}
