import Coroutines
import Testing

@Suite struct CoroutineTests {
  @Test func `send returns when the body asks for more`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      let slow = Consumer<Int>(name: "slow", on: scheduler) { inbox in
        for try await value in inbox {
          trace.note("took \(value)")
          try await scheduler.sleep(for: .seconds(1))
          trace.note("done \(value)")
        }
      }
      for value in 1...2 {
        try await slow.send(value)
        trace.note("sent \(value)")
      }
      try await slow.close()
    }
    #expect(trace.all == ["took 1", "done 1", "sent 1", "took 2", "done 2", "sent 2"])
  }

  @Test func `close runs the cleanup once, and twice is once`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let printer = Consumer<String>(name: "printer", on: scheduler) { inbox in
        defer { trace.note("cleanup") }
        for try await line in inbox { trace.note(line) }
      }
      try await printer.send("a")
      try await printer.close()
      try await printer.close()
      #expect(printer.hasEnded)
      await #expect(throws: CoroutineError.ended(name: "printer")) { try await printer.send("b") }
    }
    #expect(trace.all == ["a", "cleanup"])
  }

  @Test func `what is thrown in can be caught, and the body goes on`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let body = Consumer<Int>(name: "body", on: scheduler) { inbox in
        while true {
          do {
            guard let value = try await inbox.next() else { return }
            trace.note("\(value)")
          } catch is Rejected {
            trace.note("caught")
          }
        }
      }
      try await body.send(1)
      try await body.throw(Rejected())
      try await body.send(2)
      try await body.close()
    }
    #expect(trace.all == ["1", "caught", "2"])
  }

  @Test func `a body that throws tells the sender whose value it had, and those after`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let strict = Consumer<Int>(name: "strict", on: scheduler) { inbox in
        for try await value in inbox where value > 1 { throw Rejected() }
      }
      try await strict.send(1)
      await #expect(throws: Rejected()) { try await strict.send(2) }
      await #expect(throws: Rejected()) { try await strict.send(3) }
      await #expect(throws: Rejected()) { try await strict.close() }
    }
  }

  @Test func `senders wait in line, and a cancelled one was not taken`() throws {
    let trace = Trace()
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      let slow = Consumer<Int>(name: "slow", on: scheduler) { inbox in
        for try await value in inbox {
          trace.note("took \(value)")
          try await scheduler.sleep(for: .seconds(10))
        }
      }
      let senders = (1...3).map { value in
        scheduler.spawn(name: "sender \(value)") { try await slow.send(value) }
      }
      try await scheduler.sleep(for: .seconds(1))
      senders[1].cancel()
      await #expect(throws: CancellationError.self) { try await senders[1].value }
      try await senders[0].value
      try await senders[2].value
      try await slow.close()
    }
    #expect(trace.all == ["took 1", "took 3"])
  }

  @Test func `a first value that the body took back is not given later`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let exchange = Box<Exchange<Int, Int>>()
      let fickle = Coroutine<Int, Int, Void>(name: "fickle", on: scheduler) { body in
        exchange.value = body
        do { try await body.yield(1) } catch is Rejected {}
        while let value = try await body.next() { try await body.yield(value) }
      }
      while fickle.status.state != .receiving { await Task.yield() }
      exchange.value?.interrupt(with: Rejected())
      await Task.yield()
      #expect(try await fickle.send(5) == 5)
      #expect(try await fickle.next() == nil)
      #expect(try await fickle.send(6) == 6)
      exchange.value = nil
      try await fickle.close()
    }
  }

  @Test func `cancel ends a body that waits`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let body = Consumer<Int>(name: "body", on: scheduler) { inbox in
        defer { trace.note("cleanup") }
        for try await _ in inbox {}
      }
      try await body.send(1)
      body.cancel()
      try? await body.close()
      #expect(body.hasEnded)
    }
    #expect(trace.all == ["cleanup"])
  }

  @Test func `values sent from other threads arrive, each once`() throws {
    let scheduler = Scheduler()
    let received = try scheduler.run { () async throws -> [Int] in
      let trace = Trace()
      let sum = Consumer<Int>(name: "sum", on: scheduler) { inbox in
        for try await value in inbox { trace.note("\(value)") }
      }
      await withTaskGroup(of: Void.self) { group in
        for value in 0..<200 {
          group.addTask(executorPreference: globalConcurrentExecutor) { try? await sum.send(value) }
        }
      }
      try await sum.close()
      return trace.all.compactMap { Int($0) }
    }
    #expect(received.sorted() == Array(0..<200))
  }
}
