import Coroutines
import Glibc
import Synchronization
import Testing

@Suite struct BellTests {
  @Test func `rings that nobody waited for are one`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let bell = Bell(on: scheduler)
      bell.ring()
      bell.ring()
      #expect(try await bell.wait(atMost: .seconds(1)) == .ring)
      #expect(try await bell.wait(atMost: .seconds(1)) == .timeOver)
    }
  }

  @Test func `a ring wakes the one who waits; a limit is over when it is over; a cancelled wait throws`() throws {
    let clock = VirtualClock()
    let scheduler = Scheduler(clock: clock)
    try scheduler.run { () async throws in
      let bell = Bell(on: scheduler)
      scheduler.spawn(name: "ringer", after: .seconds(2)) {
        #expect(bell.isAwaited)
        bell.ring()
      }
      #expect(try await bell.wait(atMost: .seconds(60)) == .ring)
      #expect(clock.now == .seconds(2))
      #expect(!bell.isAwaited)
      let waiting = scheduler.spawn(name: "waiting") { try await bell.wait() }
      await Task.yield()
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      #expect(try await bell.wait(atMost: .seconds(1)) == .timeOver)
      #expect(clock.now == .seconds(3))
    }
  }

  @Test func `a descriptor that can be read ends the wait, and is let go of`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let (reading, writing) = (ends[0], ends[1])
      let bell = Bell(on: scheduler)
      #expect(try await bell.wait(atMost: .milliseconds(1), orReadable: reading) == .timeOver)
      bell.ring()
      #expect(try await bell.wait(orReadable: reading) == .ring)
      close(writing)
      #expect(try await bell.wait(orReadable: reading) == .readable)
      try await scheduler.readable(reading)
      close(reading)
      await #expect(throws: SystemError("epoll_ctl", code: EBADF)) { try await bell.wait(orReadable: reading) }
    }
  }

  @Test func `any thread may ring`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let bell = Bell(on: scheduler)
      let thread = Offload(name: "ringer")
      for _ in 0..<100 {
        try await thread.run { bell.ring() }
        try await bell.wait()
      }
    }
  }
}

extension BellTests {
  @Test func `who is dismissed waits no more, and a ring after that is not lost`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let bell = Bell(on: scheduler)
      #expect(!bell.dismiss())
      #expect(!bell.isAwaited)
      let waiting = scheduler.spawn(name: "waiting") { try await bell.wait() }
      await Task.yield()
      #expect(bell.dismiss())
      bell.ring()
      #expect(try await waiting.value == .dismissal)
      #expect(try await bell.wait(atMost: .seconds(1)) == .ring)
    }
  }

  @Test func `who is to be called is called once, at once where it has rung`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { () async throws in
      let bell = Bell(on: scheduler)
      let calls = Atomic(0)
      let count = { @Sendable in _ = calls.add(1, ordering: .relaxed) }
      bell.whenRung(count)
      #expect(bell.isAwaited)
      bell.dismiss()
      #expect(calls.load(ordering: .relaxed) == 0)
      bell.ring()
      #expect(calls.load(ordering: .relaxed) == 1)
      #expect(!bell.isAwaited)
      bell.ring()
      bell.whenRung(count)
      #expect(calls.load(ordering: .relaxed) == 2)
      #expect(try await bell.wait(atMost: .seconds(1)) == .timeOver)
    }
  }
}
