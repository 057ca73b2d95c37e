import Coroutines
import Testing

/// What PEP 380 says of `yield from`: for coroutines `Exchange.yield(from:)`, for generators `Yield.from(_:)`.
@Suite struct PEP380Tests {
  typealias Echo = Coroutine<Int, Int, String>

  /// Delegates to `inner`, and then yields -100 until it is closed.
  private static func outer(_ inner: Echo, on scheduler: Scheduler, _ trace: Trace = Trace()) -> Echo {
    Echo(name: "outer", on: scheduler) { exchange in
      defer { trace.note("outer ends") }
      do { trace.note("inner gave \(try await exchange.yield(from: inner))") } catch is Rejected {
        trace.note("inner threw")
      }
      while true { _ = try await exchange.yield(-100) }
    }
  }

  @Test func `what the inner one yields goes to the caller, what the caller sends to the inner one`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let outer = Self.outer(PEP342Tests.echo(on: scheduler, trace), on: scheduler)
      #expect(try await outer.next() == 0)
      #expect(try await outer.send(4) == 5)
      #expect(try await outer.next() == 100)
    }
    #expect(trace.all.prefix(2) == ["sent 4", "resumed"])
  }

  @Test func `the value of the delegation is what the inner one returns, and the outer one goes on`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let outer = Self.outer(PEP342Tests.echo(on: scheduler), on: scheduler, trace)
      _ = try await outer.next()
      #expect(try await outer.send(-1) == -100)
      #expect(trace.all == ["inner gave returned"])
    }
  }

  @Test func `what is thrown in goes to the inner one, which may catch it`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let outer = Self.outer(PEP342Tests.echo(on: scheduler, trace), on: scheduler, trace)
      _ = try await outer.next()
      #expect(try await outer.throw(Rejected()) == -1)
      #expect(trace.all == ["caught"])
    }
  }

  @Test func `what the inner one does not catch, or throws itself, is raised in the outer one`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let outer = Self.outer(PEP342Tests.echo(on: scheduler), on: scheduler, trace)
      _ = try await outer.next()
      _ = try await outer.send(12)
      #expect(try await outer.throw(Rejected()) == -100)
      let failing = Echo(name: "failing", on: scheduler) { exchange in
        _ = try await exchange.yield(1)
        throw Rejected()
      }
      let second = Self.outer(failing, on: scheduler, trace)
      #expect(try await second.next() == 1)
      #expect(try await second.send(1) == -100)
      #expect(trace.all == ["inner threw", "inner threw"])
    }
  }

  @Test func `close ends the inner one first, then raises the exit in the outer one`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let inner = PEP342Tests.echo(on: scheduler, trace)
      let outer = Self.outer(inner, on: scheduler, trace)
      _ = try await outer.next()
      #expect(try await outer.close() == nil)
      #expect(inner.hasEnded)
    }
    #expect(trace.all == ["cleanup", "outer ends"])
  }

  @Test func `an error of the inner one while it is closed is raised in the outer one`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let failing = Echo(name: "failing", on: scheduler) { exchange in
        do { _ = try await exchange.yield(1) } catch is CoroutineExit { throw Rejected() }
        return "never"
      }
      let outer = Echo(name: "outer", on: scheduler) { exchange in
        do { return try await exchange.yield(from: failing) } catch is Rejected { trace.note("inner threw") }
        return "done"
      }
      #expect(try await outer.next() == 1)
      #expect(try await outer.close() == "done")
    }
    #expect(trace.all == ["inner threw"])
  }

  @Test func `a body that asks without yielding may be delegated to as well`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let sum = Coroutine<Int, Never, Int>(name: "sum", on: scheduler) { inbox in
        var sum = 0
        while let value = try await inbox.next(), value > 0 { sum += value }
        return sum
      }
      let outer = Consumer<Int>(name: "outer", on: scheduler) { inbox in
        trace.note("sum \(try await inbox.yield(from: sum))")
        for try await value in inbox { trace.note("\(value)") }
      }
      for value in [1, 2, 0, 4] { try await outer.send(value) }
      try await outer.close()
    }
    #expect(trace.all == ["sum 3", "4"])
  }

  @Test func `an error in the cleanup of an inner generator goes to who closes, and the outer one unwinds`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let inner = Generator<Int>(name: "inner", on: scheduler) { yield in
        do { try await yield(1) } catch is CoroutineExit { throw Rejected() }
      }
      let outer = Generator<Int>(name: "outer", on: scheduler) { yield in
        defer { trace.note("outer ends") }
        do { try await yield.from(inner) } catch is Rejected { trace.note("never") }
      }
      #expect(try await outer.next() == 1)
      await #expect(throws: Rejected()) { try await outer.close() }
    }
    #expect(trace.all == ["outer ends"])
  }
}
