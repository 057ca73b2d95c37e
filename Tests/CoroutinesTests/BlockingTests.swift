import Coroutines
import Glibc
import Synchronization
import Testing

/// The ways between code that blocks and code that awaits.
@Suite struct BlockingTests {
  @Test func `a pool works on so many at the same time, and no more`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let gate = Gate()
      let working = Mutex(0)
      let most = Mutex(0)
      let pool = OffloadPool(name: "pool", maxThreads: 3)
      let routines = (0..<9).map { number in
        scheduler.spawn(name: "work \(number)") {
          try await pool.run {
            let now = working.withLock {
              $0 += 1; return $0
            }
            most.withLock { $0 = max($0, now) }
            gate.pass()
            working.withLock { $0 -= 1 }
            return number
          }
        }
      }
      while working.withLock({ $0 }) < 3 { await Task.yield() }
      for _ in routines { gate.open() }
      for (number, routine) in routines.enumerated() { #expect(try await routine.value == number) }
      #expect(most.withLock { $0 } == 3)
    }
  }

  @Test func `work that is cancelled in line never begins, and work that has begun is stopped and waited for`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let gate = Gate()
      let offload = Offload(name: "one thread")
      let begun = scheduler.spawn(name: "begun") {
        try await offload.run(onCancel: { gate.open() }) {
          trace.note("begun")
          gate.pass()
          return "the result"
        }
      }
      let inLine = scheduler.spawn(name: "in line") { try await offload.run { trace.note("in line") } }
      while trace.all.isEmpty { await Task.yield() }
      inLine.cancel()
      await #expect(throws: CancellationError.self) { try await inLine.value }
      begun.cancel()
      #expect(try await begun.value == "the result")
      let late = scheduler.spawn(name: "late") { try await offload.run { trace.note("late") } }
      late.cancel()
      await #expect(throws: CancellationError.self) { try await late.value }
      try await offload.run {}
    }
    #expect(trace.all == ["begun"])
  }

  @Test func `synchronous code blocks on a scheduler that another thread runs`() throws {
    let scheduler = Scheduler()
    let thread = Offload(name: "synchronous")
    let sum = try scheduler.run { () async throws -> Int in
      try await thread.run {
        try scheduler.runBlocking {
          #expect(scheduler.isOnThread)
          try await scheduler.sleep(for: .milliseconds(1))
          return 5
        }
      }
    }
    #expect(sum == 5)
  }

  @Test func `and runs it where no thread does`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    #expect(throws: Rejected()) {
      try scheduler.runBlocking {
        try await scheduler.sleep(for: .seconds(60))
        throw Rejected()
      }
    }
    #expect(scheduler.clock.now == .seconds(60))
  }

  @Test func `and goes on itself where the other thread stops running it`() throws {
    let scheduler = Scheduler()
    let isReleased = Mutex(false)
    let trace = Trace()
    let blocked = OffloadPool(name: "blocked", maxThreads: 1)
    let other = Scheduler()
    let isHeld = Mutex(false)
    try other.run { () async throws in
      let running = other.spawn(name: "running") {
        try await Offload(name: "running").run {
          try scheduler.run {
            isHeld.withLock { $0 = true }
            while trace.all.isEmpty { await Task.yield() }
          }
        }
      }
      // Else the other thread may never get it.
      while !isHeld.withLock({ $0 }) { await Task.yield() }
      let waiting = other.spawn(name: "waiting") {
        try await blocked.run {
          try scheduler.runBlocking {
            trace.note("here")
            while !isReleased.withLock({ $0 }) { await Task.yield() }
            trace.note("released")
          }
        }
      }
      try await running.value
      isReleased.withLock { $0 = true }
      try await waiting.value
    }
    #expect(trace.all == ["here", "released"])
  }

  @Test func `on the scheduler's own thread it is refused, also from a loop on top of it`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let target = Consumer<Int>(name: "target", on: scheduler) { inbox in for try await _ in inbox {} }
      #expect(throws: CoroutineError.wouldBlockScheduler) { try scheduler.runBlocking { 1 } }
      try Scheduler().run {
        #expect(throws: CoroutineError.wouldBlockScheduler) { try scheduler.runBlocking { 1 } }
        await #expect(throws: CoroutineError.wouldBlockScheduler) { try await target.send(1) }
        await #expect(throws: CoroutineError.wouldBlockScheduler) { try await target.value }
        await #expect(throws: CoroutineError.wouldBlockScheduler) { try await scheduler.sleep(for: .seconds(1)) }
      }
      try await target.close()
    }
  }

  @Test func `a scheduler with a thread of its own is awaited and cancelled like any task`() async throws {
    let name = try await Scheduler.onOwnThread(name: "loop") { scheduler in
      #expect(scheduler.isOnThread)
      return try await scheduler.spawn(name: "inner") { "value" }.value
    }
    #expect(name == "value")
    let isSleeping = Mutex(false)
    let task = Task {
      try await Scheduler.onOwnThread { scheduler in
        isSleeping.withLock { $0 = true }
        try await scheduler.sleep(for: .seconds(3600))
      }
    }
    while !isSleeping.withLock({ $0 }) { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
