import Coroutines
import Testing

/// What PEP 342 says of generators, sentence by sentence; the table in the article for those who come from Python names
/// these tests. Where the library differs on purpose, the test shows the difference.
@Suite struct PEP342Tests {
  typealias Echo = Coroutine<Int, Int, String>

  /// Yields 0, and then what it was sent plus one; returns when it is sent a negative number; with `trace`, says how
  /// it was resumed.
  static func echo(on scheduler: Scheduler, _ trace: Trace = Trace()) -> Echo {
    Echo(name: "echo", on: scheduler) { exchange in
      defer { trace.note("cleanup") }
      var next = 0
      while true {
        do {
          let sent = try await exchange.yield(next)
          trace.note(sent.map { "sent \($0)" } ?? "resumed")
          if let sent, sent < 0 { return "returned" }
          next = (sent ?? 99) + 1
        } catch let error as Rejected {
          trace.note("caught")
          if next == 13 { throw error }
          next = -1
        }
      }
    }
  }

  @Test func `yield is an expression, and its value is nil when resumed by next`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler, trace)
      #expect(try await echo.next() == 0)
      #expect(try await echo.next() == 100)
    }
    #expect(trace.all.first == "resumed")
  }

  @Test func `send resumes with a value that becomes the result of yield, and returns the next value yielded`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler, trace)
      #expect(try await echo.next() == 0)
      #expect(try await echo.send(4) == 5)
      #expect(try await echo.send(7) == 8)
    }
    #expect(trace.all.prefix(2) == ["sent 4", "sent 7"])
  }

  @Test func `send to a body that exits without yielding gives nil, and the value is there for who waits`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler)
      _ = try await echo.next()
      #expect(try await echo.send(-1) == nil)
      #expect(echo.hasEnded)
      #expect(try await echo.value == "returned")
    }
  }

  @Test func `send to one that has exited is an error, and next is the end, each time`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler)
      _ = try await echo.next()
      try await echo.send(-1)
      for _ in 0..<2 {
        await #expect(throws: CoroutineError.ended(name: "echo")) { try await echo.send(1) }
        #expect(try await echo.next() == nil)
      }
    }
  }

  @Test func `a value sent before the first yield was asked for is an error, and the coroutine goes on`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler)
      await #expect(throws: CoroutineError.notAsked(name: "echo")) { try await echo.send(1) }
      await #expect(throws: CoroutineError.notAsked(name: "echo")) { try await echo.send(1) }
      #expect(try await echo.next() == 0)
      #expect(try await echo.send(1) == 2)
    }
  }

  @Test func `an error that the body does not catch goes to the sender`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let strict = Coroutine<Int, Int, Void>(name: "strict", on: scheduler) { exchange in
        _ = try await exchange.yield(0)
        throw Rejected()
      }
      _ = try await strict.next()
      await #expect(throws: Rejected()) { try await strict.send(1) }
      #expect(try await strict.next() == nil)
      await #expect(throws: Rejected()) { try await strict.value }
    }
  }

  @Test func `an error before the first yield goes to who asked for the first value`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let hasty = Coroutine<Int, Int, Void>(name: "hasty", on: scheduler) { _ in throw Rejected() }
      await #expect(throws: Rejected()) { try await hasty.next() }
      #expect(try await hasty.next() == nil)
    }
  }

  @Test func `throw raises where the body waits, and returns the next value yielded`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler, trace)
      _ = try await echo.next()
      #expect(try await echo.throw(Rejected()) == -1)
      #expect(try await echo.send(1) == 2)
    }
    #expect(trace.all.prefix(2) == ["caught", "sent 1"])
  }

  @Test func `throw gives nil where the body catches and returns`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let quiet = Coroutine<Int, Int, Int>(name: "quiet", on: scheduler) { exchange in
        do { _ = try await exchange.yield(1) } catch is Rejected { return 7 }
        return 8
      }
      _ = try await quiet.next()
      #expect(try await quiet.throw(Rejected()) == nil)
      #expect(try await quiet.value == 7)
    }
  }

  @Test func `an error thrown in that is not caught, or another one, goes to the caller`() throws {
    struct Other: Error, Equatable {}
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler)
      _ = try await echo.next()
      await #expect(throws: Other()) { try await echo.throw(Other()) }
      #expect(echo.hasEnded)
      let changing = Coroutine<Int, Int, Void>(name: "changing", on: scheduler) { exchange in
        do { _ = try await exchange.yield(1) } catch is Rejected { throw Other() }
      }
      _ = try await changing.next()
      await #expect(throws: Other()) { try await changing.throw(Rejected()) }
    }
  }

  @Test func `throw on one that has exited raises what it was passed, and runs nothing of the body`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let echo = Self.echo(on: scheduler, trace)
      try await echo.close()
      await #expect(throws: Rejected()) { try await echo.throw(Rejected()) }
    }
    #expect(trace.all == ["cleanup"])
  }
}
