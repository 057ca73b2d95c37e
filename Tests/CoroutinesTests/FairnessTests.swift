import Coroutines
import Testing

/// That nobody starves: a send is handed over at once, but not without end.
@Suite struct FairnessTests {
  @Test func `a pair that sends without end lets timers and others have their turns`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let sink = Consumer<Int>(name: "sink", on: scheduler) { inbox in for try await _ in inbox {} }
      let sending = scheduler.spawn(name: "sending") {
        while !Task.isCancelled { try await sink.send(1) }
      }
      try await scheduler.sleep(for: .milliseconds(5))
      await Task.yield()
      sending.cancel()
      do { try await sending.value } catch { #expect(error is CancellationError) }
    }
  }

  @Test func `a body that goes on asking after the end lets others have their turns`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run {
      let stubborn = Consumer<Int>(name: "stubborn", on: scheduler) { inbox in
        while !trace.all.contains("enough") { _ = try await inbox.next() }
      }
      let other = scheduler.spawn(name: "other") {
        await Task.yield()
        trace.note("enough")
      }
      try await stubborn.close()
      try await other.value
    }
  }

  @Test func `sends nest no deeper than their bound, whatever the length of the line`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      let end = Consumer<Int>(name: "end", on: scheduler) { inbox in for try await _ in inbox {} }
      var first = end
      for index in 0..<10_000 {
        let target = first
        first = Consumer<Int>(name: "\(index)", on: scheduler) { inbox in
          for try await value in inbox { try await target.send(value) }
        }
      }
      try await first.send(1)
    }
  }

  @Test func `routines take turns also where one sends all the time`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run {
      let sink = Consumer<Int>(name: "sink", on: scheduler) { inbox in for try await _ in inbox {} }
      let busy = scheduler.spawn(name: "busy") {
        for value in 0..<10_000 { try await sink.send(value) }
        trace.note("busy")
      }
      let modest = scheduler.spawn(name: "modest") {
        for _ in 0..<3 { await Task.yield() }
        trace.note("modest")
      }
      try await busy.value
      try await modest.value
    }
    #expect(trace.all == ["modest", "busy"])
  }
}
