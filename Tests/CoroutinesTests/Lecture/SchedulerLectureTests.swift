import Coroutines
import Glibc
import Testing

/// The lecture's tasks and schedulers, and what asyncio makes of them.
@Suite struct SchedulerLectureTests {
  /// The lecture's `Task`: an id, a target, and a value to send; `run()` resumes the target once.
  private struct LectureTask {
    let target: Coroutine<Int, Int, Void>
    var id: Int { target.status.id }
    var value: Int?

    func run() async throws -> Int? {
      if let value { try await target.send(value) } else { try await target.next() }
    }
  }

  @Test func `15: a task is run by hand`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let target = Coroutine<Int, Int, Void>(name: "target", on: scheduler) { exchange in
        var number = 0
        while true { number += 1 + (try await exchange.yield(number) ?? 0) }
      }
      var task = LectureTask(target: target)
      #expect(try await task.run() == 0)
      #expect(try await task.run() == 1)
      task.value = 10
      #expect(try await task.run() == 12)
      #expect(task.id == 2)  // this routine is the first
      try await target.close()
    }
  }

  /// A target that says its name at each turn; nil is for ever.
  private static func say(
    _ name: String, rounds: Int?, on scheduler: Scheduler, _ out: Trace
  ) -> Routine<Void> {
    scheduler.spawn(name: name) {
      var round = 0
      while rounds.map({ round < $0 }) ?? true {
        out.note(name)
        round += 1
        await Task.yield()
        try Task.checkCancellation()
      }
    }
  }

  @Test func `16: foo and bar take turns for ever`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let routines = ["foo", "bar"].map { Self.say($0, rounds: nil, on: scheduler, out) }
      while out.all.count < 8 { await Task.yield() }
      for routine in routines { routine.cancel() }
    }
    #expect(out.all.prefix(8) == ["foo", "bar", "foo", "bar", "foo", "bar", "foo", "bar"])
  }

  @Test func `17: routines that end are reported, and the loop ends with the last`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    scheduler.onExit { out.note("Task \($0.id) terminated") }
    for name in ["foo", "bar"] { _ = Self.say(name, rounds: 2, on: scheduler, out) }
    scheduler.runToEnd()
    #expect(out.all == ["foo", "bar", "foo", "bar", "Task 1 terminated", "Task 2 terminated"])
    #expect(scheduler.routines.isEmpty)
  }

  /// `async def count(): print("One"); await asyncio.sleep(1); print("Two")`
  @Sendable private static func count(on scheduler: Scheduler, _ out: Trace) async throws {
    out.note("One")
    try await scheduler.sleep(for: .seconds(1))
    out.note("Two")
  }

  @Test func `18: two counts are gathered, and take the time of one`() throws {
    let out = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      async let first: Void = Self.count(on: scheduler, out)
      async let second: Void = Self.count(on: scheduler, out)
      _ = try await (first, second)
    }
    #expect(out.all == ["One", "One", "Two", "Two"])
    #expect(scheduler.clock.now == .seconds(1))
  }

  @Test(arguments: [false, true]) func `19: a loop is run until its coroutine completes, and is closed in any case`(
    _ doesThrow: Bool
  ) throws {
    let out = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    var caught = false
    do {
      try scheduler.run {
        let counts = RoutineGroup(on: scheduler)
        for _ in 0..<2 { counts.spawn(name: "count") { try await Self.count(on: scheduler, out) } }
        try await counts.join()
        scheduler.spawn(name: "left over") { try await scheduler.sleep(for: .seconds(3600)) }
        if doesThrow { throw Rejected() }
      }
    } catch is Rejected {
      caught = true
    }
    let report = try scheduler.run { try await scheduler.stop(within: .seconds(1)) }
    #expect(caught == doesThrow)
    #expect(out.all == ["One", "One", "Two", "Two"])
    #expect(report.exits.map(\.name) == ["left over"])
    #expect(scheduler.routines.isEmpty)
  }
}
