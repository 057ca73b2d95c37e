import Coroutines
import Testing

/// What PEP 342 says and no other test shows: errors before the start, cleanup that suspends, collection in a cycle.
@Suite struct PEP342GapsTests {
  @Test func `an error thrown in before the first turn is raised where the body first waits`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let asking = Consumer<Int>(name: "asking", on: scheduler) { inbox in
        trace.note("asks")
        do { _ = try await inbox.next() } catch is Rejected { trace.note("caught") }
      }
      try await asking.throw(Rejected())
      let yielding = Coroutine<Int, Int, Void>(name: "yielding", on: scheduler) { exchange in
        trace.note("yields")
        do { _ = try await exchange.yield(1) } catch is Rejected { trace.note("caught") }
        _ = try await exchange.yield(2)
      }
      #expect(try await yielding.throw(Rejected()) == 2)
    }
    #expect(trace.all == ["asks", "caught", "yields", "caught"])
  }

  @Test func `cleanup that suspends is waited for by close`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run { () async throws in
      let slow = Coroutine<Int, Int, Void>(name: "slow", on: scheduler) { exchange in
        do {
          while true { _ = try await exchange.yield(1) }
        } catch {
          try await scheduler.sleep(for: .seconds(5))
          trace.note("cleanup")
          throw error
        }
      }
      _ = try await slow.next()
      try await slow.close()
      trace.note("closed")
    }
    #expect(trace.all == ["cleanup", "closed"])
    #expect(scheduler.clock.now == .seconds(5))
  }

  @Test func `an error in the cleanup of one that was dropped is reported to onExit, and to nobody else`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    scheduler.onExit { exit in if exit.name == "dropped" { trace.note("\(exit.error.map { "\($0)" } ?? "none")") } }
    try scheduler.run { () async throws in
      do {
        let dropped = Coroutine<Int, Int, Void>(name: "dropped", on: scheduler) { exchange in
          do { _ = try await exchange.yield(1) } catch is CoroutineExit { throw Rejected() }
        }
        _ = try await dropped.next()
      }
      while trace.all.isEmpty { await Task.yield() }
    }
    #expect(trace.all == ["Rejected()"])
  }

  @Test func `a body that holds its own coroutine keeps it, until a stop`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      do {
        let box = Box<Consumer<Int>>()
        let cyclic = Consumer<Int>(name: "cyclic", on: scheduler) { inbox in
          defer { trace.note("cleanup") }
          for try await _ in inbox { trace.note("\(box.value == nil)") }
        }
        box.value = cyclic
        try await cyclic.send(1)
      }
      for _ in 0..<9 { await Task.yield() }
      #expect(scheduler.routines.map(\.name) == ["main", "cyclic"])
      let report = try await scheduler.stop()
      #expect(report.exits.map(\.name) == ["cyclic"])
    }
    #expect(trace.all == ["false", "cleanup"])
  }

  @Test func `an exit that the body throws by itself is an error, since nobody closed it`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let leaving = Coroutine<Int, Int, Void>(name: "leaving", on: scheduler) { exchange in
        _ = try await exchange.yield(1)
        throw CoroutineExit()
      }
      _ = try await leaving.next()
      await #expect(throws: CoroutineExit()) { try await leaving.send(1) }
      await #expect(throws: CoroutineExit()) { try await leaving.value }
    }
  }

  @Test func `a nil that is sent is a value, and not a next`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let nullable = Coroutine<Int?, String, Void>(name: "nullable", on: scheduler) { exchange in
        var said = "first"
        while true {
          said =
            switch try await exchange.yield(said) {
            case nil: "resumed"
            case .some(nil): "sent nil"
            case .some(let value?): "sent \(value)"
            }
        }
      }
      #expect(try await nullable.next() == "first")
      #expect(try await nullable.send(nil) == "sent nil")
      #expect(try await nullable.send(1) == "sent 1")
      #expect(try await nullable.next() == "resumed")
    }
  }

  @Test(arguments: ["coroutine", "generator"]) func `what an ended body held is let go of`(_ kind: String) throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let held = Held()
      if kind == "coroutine" {
        let coroutine = held.coroutine(on: scheduler)
        #expect(try await coroutine.send(1) == 1)
        #expect(held.trace != nil)
        try await coroutine.close()
        await Task.yield()
        #expect(held.trace == nil)
        #expect(coroutine.hasEnded)
      } else {
        let generator = held.generator(on: scheduler)
        #expect(try await generator.next() == 1)
        #expect(held.trace != nil)
        #expect(try await generator.next() == nil)
        await Task.yield()
        #expect(held.trace == nil)
        #expect(generator.name == "holding")
      }
    }
  }

  /// Sees whether what a body holds is still there.
  private final class Held: @unchecked Sendable {
    private(set) weak var trace: Trace?

    func coroutine(on scheduler: Scheduler) -> Coroutine<Int, Int, Void> {
      let trace = Trace()
      self.trace = trace
      return Coroutine(name: "holding", on: scheduler) { exchange in
        while let value = try await exchange.next() {
          trace.note("\(value)")
          try await exchange.yield(trace.all.count)
        }
      }
    }

    func generator(on scheduler: Scheduler) -> Generator<Int> {
      let trace = Trace()
      self.trace = trace
      return Generator(name: "holding", on: scheduler) { yield in
        trace.note("held")
        try await yield(trace.all.count)
      }
    }
  }
}
