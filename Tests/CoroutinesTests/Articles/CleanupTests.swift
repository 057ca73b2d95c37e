import Coroutines
import Glibc
import Synchronization
import Testing

/// What the article on cancellation and cleanup says.
@Suite struct CleanupTests {
  let scheduler = Scheduler(clock: VirtualClock())
  let trace = Trace()

  @Test func `cleanup runs from the inside out, and whoever waits goes on after it`() throws {
    try scheduler.run {
      let pair = Coroutine<Int, Int, Void>(name: "pair", on: scheduler) { exchange in
        defer { trace.note("last") }
        do {
          defer { trace.note("first") }
          while true { try await exchange.yield(1) }
        } catch let exit as CoroutineExit {
          try await scheduler.sleep(for: .seconds(1))
          trace.note("in between, a second later")
          throw exit
        }
      }
      _ = try await pair.next()
      try await pair.close()
      trace.note("closed")
    }
    #expect(trace.all == ["first", "in between, a second later", "last", "closed"])
  }

  @Test func `a loop ends after what was sent before the close`() throws {
    try scheduler.run {
      let store = Consumer<String>(name: "store", on: scheduler) { inbox in
        for try await line in inbox {
          try await scheduler.sleep(for: .seconds(1))
          trace.note("stored \(line)")
        }
        trace.note("committed")
      }
      for line in ["a", "b"] { scheduler.spawn(name: line) { try await store.send(line) } }
      try await scheduler.sleep(for: .milliseconds(1))
      try await store.close()
    }
    #expect(trace.all == ["stored a", "stored b", "committed"])
  }

  @Test func `a cancelled body throws where it suspends, and those it serves are told`() throws {
    try scheduler.run { () async throws in
      let slow = Consumer<Int>(name: "slow", on: scheduler) { inbox in
        defer { trace.note("cleanup") }
        for try await _ in inbox { try await scheduler.sleep(for: .seconds(60)) }
      }
      let senders = (1...2).map { value in scheduler.spawn(name: "\(value)") { try await slow.send(value) } }
      try await scheduler.sleep(for: .seconds(1))
      slow.cancel()
      for sender in senders {
        await #expect(throws: CoroutineError.cancelled(name: "slow")) { try await sender.value }
      }
      await #expect(throws: CancellationError.self) { try await slow.value }
      await #expect(throws: CoroutineError.cancelled(name: "slow")) { try await slow.send(3) }
    }
    #expect(trace.all == ["cleanup"])
  }

  @Test func `what a cancelled body awaits in its cleanup throws too; a routine of its own does not`() throws {
    try scheduler.run { () async throws in
      let careful = Consumer<Int>(name: "careful", on: scheduler) { inbox in
        do { for try await _ in inbox {} } catch {
          await #expect(throws: CancellationError.self) { try await scheduler.sleep(for: .seconds(1)) }
          scheduler.spawn(name: "farewell") {
            try await scheduler.sleep(for: .seconds(1))
            trace.note("farewell")
          }
          throw error
        }
      }
      try await careful.send(1)
      careful.cancel()
      await #expect(throws: CancellationError.self) { try await careful.value }
      try await scheduler.sleep(for: .seconds(2))
    }
    #expect(trace.all == ["farewell"])
  }

  @Test func `an interrupt ends a body that waits for its next value, and nothing else`() throws {
    try scheduler.run { () async throws in
      let handle = Box<Inbox<Int>>()
      let watched = Consumer<Int>(name: "watched", on: scheduler) { inbox in
        handle.value = inbox
        for try await value in inbox {
          try await scheduler.sleep(for: .seconds(1))
          trace.note("\(value)")
        }
      }
      let sender = scheduler.spawn(name: "sender") { try await watched.send(1) }
      while sender.status.state != .sending { await Task.yield() }
      handle.value?.interrupt(with: Rejected())
      try await sender.value
      handle.value?.interrupt(with: Rejected())
      await #expect(throws: Rejected()) { try await watched.value }
      handle.value = nil
    }
    #expect(trace.all == ["1"])
  }

  @Test func `a sender that is cancelled knows whether its value was taken`() throws {
    try scheduler.run { () async throws in
      let slow = Consumer<Int>(name: "slow", on: scheduler) { inbox in
        for try await value in inbox {
          try await scheduler.sleep(for: .seconds(10))
          trace.note("\(value)")
        }
      }
      let taken = scheduler.spawn(name: "taken") { try await slow.send(1) }
      let inLine = scheduler.spawn(name: "in line") { try await slow.send(2) }
      try await scheduler.sleep(for: .seconds(1))
      taken.cancel()
      inLine.cancel()
      await #expect(throws: CancellationError.self) { try await inLine.value }
      #expect(scheduler.clock.now == .seconds(1))
      try await taken.value
      #expect(scheduler.clock.now == .seconds(10))
      try await slow.close()
    }
    #expect(trace.all == ["1"])
  }

  @Test func `a dropped coroutine is closed, at a later turn`() throws {
    try scheduler.run {
      do {
        let printer = Consumer<String>(name: "printer", on: scheduler) { inbox in
          defer { trace.note("cleanup") }
          for try await line in inbox { trace.note(line) }
        }
        try await printer.send("a")
      }
      trace.note("dropped")
      while scheduler.routines.count > 1 { await Task.yield() }
    }
    #expect(trace.all == ["a", "dropped", "cleanup"])
  }

  @Test func `offloaded work that has begun is stopped, waited for, and its result is given`() throws {
    try scheduler.run { () async throws in
      let thread = Offload(name: "reader")
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let (reading, writing) = (ends[0], ends[1])
      let hasBegun = Bell(on: scheduler)
      let work = scheduler.spawn(name: "work") {
        try await thread.run(onCancel: { close(writing) }) {
          hasBegun.ring()
          var byte: UInt8 = 0
          return read(reading, &byte, 1)
        }
      }
      try await hasBegun.wait()
      let inLine = scheduler.spawn(name: "in line") { try await thread.run { trace.note("never") } }
      await Task.yield()
      inLine.cancel()
      await #expect(throws: CancellationError.self) { try await inLine.value }
      work.cancel()
      let count = try await work.value
      #expect(count == 0)
      close(reading)
    }
    #expect(trace.all.isEmpty)
  }

  @Test func `a stop closes coroutines, cancels other routines, youngest first, and names who is left`() throws {
    let report = try scheduler.run { () async throws -> StopReport in
      let deaf = Consumer<Int>(name: "deaf", on: scheduler) { _ in try await scheduler.sleep(for: .seconds(3600)) }
      defer { deaf.cancel() }
      let store = Consumer<Int>(name: "store", on: scheduler) { inbox in
        for try await value in inbox { trace.note("stored \(value)") }
      }
      scheduler.spawn(name: "source") {
        defer { trace.note("source ends") }
        for value in 1... {
          try await store.send(value)
          try await scheduler.sleep(for: .seconds(1))
        }
      }
      try await scheduler.sleep(for: .milliseconds(1500))
      return try await scheduler.stop(within: .seconds(5))
    }
    #expect(trace.all == ["stored 1", "stored 2", "source ends"])
    #expect(report.exits.map(\.name) == ["source", "store"])
    #expect(report.remaining.map(\.name) == ["deaf"])
  }
}
