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

  private final class Recorder: TimingRecorder, Sendable {
    private let lines = Mutex<[String]>([])
    func record(_ measurement: Measurement) {
      lines.withLock { $0.append("\(measurement.stage) \(measurement.wall)") }
    }
    var all: [String] { lines.withLock { $0 } }
  }
}
