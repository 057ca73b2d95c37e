import Coroutines
import Testing

/// What PEP 255 and PEP 479 say of simple generators, where `GeneratorTests` does not show it.
@Suite struct PEP255Tests {
  @Test func `locals keep their values between one element and the next`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let fibonacci = Generator<Int>(on: scheduler) { yield in
        var (a, b) = (0, 1)
        while true {
          try await yield(b)
          (a, b) = (b, a + b)
        }
      }
      var numbers: [Int] = []
      for try await number in fibonacci {
        numbers.append(number)
        if numbers.count == 7 { break }
      }
      #expect(numbers == [1, 1, 2, 3, 5, 8, 13])
    }
  }

  @Test func `a return in the middle runs the cleanup, and is the end`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run { () async throws in
      let short = Generator<Int>(on: scheduler) { yield in
        defer { trace.note("cleanup") }
        for number in 1... {
          if number == 2 { return }
          try await yield(number)
        }
      }
      #expect(try await short.next() == 1)
      #expect(try await short.next() == nil)
      #expect(trace.all == ["cleanup"])
      #expect(try await short.next() == nil)
    }
  }

  @Test func `the end of an inner generator is nil in the outer one, and ends nothing by itself`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let outer = Generator<Int>(name: "outer", on: scheduler) { yield in
        let inner = Generator<Int>(name: "inner", on: scheduler, of: [1])
        while true {
          guard let number = try await inner.next() else { break }
          try await yield(number)
        }
        try await yield(2)
      }
      #expect(try await outer.reduce(into: []) { $0.append($1) } == [1, 2])
    }
  }

  @Test func `an exit that leaves the body unasked for is an error, and no silent end`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let leaking = Generator<Int>(name: "leaking", on: scheduler) { yield in
        try await yield(1)
        throw CoroutineExit()
      }
      #expect(try await leaking.next() == 1)
      await #expect(throws: CoroutineExit()) { try await leaking.next() }
      #expect(try await leaking.next() == nil)
    }
  }

  @Test func `a body that yields while it is closed is an error for who closes, also in a generator`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let stubborn = Generator<Int>(name: "stubborn", on: scheduler) { yield in
        do { try await yield(1) } catch { try await yield(2) }
      }
      #expect(try await stubborn.next() == 1)
      await #expect(throws: CoroutineError.yieldedWhileClosing(name: "stubborn")) { try await stubborn.close() }
      #expect(try await stubborn.next() == nil)
    }
  }
}
