import Coroutines
import Testing

/// What PEP 342 says of `close()`, of collection, of re-entry and of the start.
@Suite struct PEP342CloseTests {
  @Test func `close raises the exit where the body waits, runs its cleanup, and returns`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let counting = Coroutine<Int, Int, Void>(name: "counting", on: scheduler) { exchange in
        defer { trace.note("cleanup") }
        do {
          _ = try await exchange.yield(1)
        } catch let exit as CoroutineExit {
          trace.note("exit")
          throw exit
        }
      }
      #expect(try await counting.next() == 1)
      #expect(try await counting.close() == nil)
      #expect(trace.all == ["exit", "cleanup"])
    }
  }

  @Test func `close returns where the body catches the exit and returns, and gives what it returned`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let polite = Coroutine<Int, Int, String>(name: "polite", on: scheduler) { exchange in
        do { while true { _ = try await exchange.yield(1) } } catch is CoroutineExit { return "bye" }
      }
      _ = try await polite.next()
      #expect(try await polite.close() == "bye")
      #expect(try await polite.close() == "bye")
    }
  }

  @Test func `a body that yields while it is closed is an error for who closes, and it is not waited for`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let stubborn = Coroutine<Int, Int, Void>(name: "stubborn", on: scheduler) { exchange in
        while true {
          do { _ = try await exchange.yield(1) } catch {
            trace.note("\(type(of: error))")
            if trace.all.count == 5 { return }
          }
        }
      }
      _ = try await stubborn.next()
      await #expect(throws: CoroutineError.yieldedWhileClosing(name: "stubborn")) { try await stubborn.close() }
      try await stubborn.value
    }
    #expect(trace.all == ["CoroutineExit"] + Array(repeating: "CoroutineError", count: 4))
  }

  @Test func `any other error of a body that is closed goes to who closes`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let failing = Coroutine<Int, Int, Void>(name: "failing", on: scheduler) { exchange in
        do { _ = try await exchange.yield(1) } catch is CoroutineExit { throw Rejected() }
      }
      _ = try await failing.next()
      await #expect(throws: Rejected()) { try await failing.close() }
    }
  }

  @Test func `close does nothing to one that has exited`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let short = Coroutine<Int, Int, Int>(name: "short", on: scheduler) { exchange in
        defer { trace.note("cleanup") }
        return 3
      }
      #expect(try await short.value == 3)
      #expect(try await short.close() == 3)
      #expect(try await short.close() == 3)
    }
    #expect(trace.all == ["cleanup"])
  }

  @Test func `one that nobody holds any more is closed, and its cleanup runs`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      do {
        let forgotten = PEP342Tests.echo(on: scheduler, trace)
        _ = try await forgotten.next()
      }
      while !trace.all.contains("cleanup") { await Task.yield() }
      #expect(scheduler.routines.map(\.name) == ["main"])
    }
    #expect(trace.all == ["cleanup"])
  }

  @Test func `closed before its first turn, the body runs: its loop is empty, its first yield is the exit`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let consumer = Consumer<Int>(name: "consumer", on: scheduler) { inbox in
        for try await _ in inbox { trace.note("value") }
        trace.note("end")
      }
      try await consumer.close()
      let echo = PEP342Tests.echo(on: scheduler, trace)
      try await echo.close()
    }
    #expect(trace.all == ["end", "cleanup"])
  }

  @Test func `a body that uses its own coroutine is told so, whatever it does`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let box = Box<Consumer<Int>>()
      let own = Consumer<Int>(name: "own", on: scheduler) { inbox in
        for try await value in inbox {
          let me = box.value!
          for attempt in [
            { try await me.send(value) }, { _ = try await me.next() }, { try await me.close() },
            { try await me.throw(Rejected()) },
          ] as [@Sendable () async throws -> Void] {
            do { try await attempt() } catch { trace.note("\(error)") }
          }
        }
      }
      box.value = own
      try await own.send(1)
      box.value = nil
      try await own.close()
    }
    let told = "coroutine own was used by its own body, which would wait for itself"
    #expect(trace.all == Array(repeating: told, count: 4))
  }

  @Test func `a consumer is ready for its first value without priming, and priming it does no harm`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let printer = Consumer<String>(name: "printer", on: scheduler) { inbox in
        for try await line in inbox { trace.note(line) }
      }
      try await printer.send("a")
      #expect(try await printer.next() == nil)
      try await printer.send("b")
      try await printer.close()
    }
    #expect(trace.all == ["a", "b"])
  }
}
