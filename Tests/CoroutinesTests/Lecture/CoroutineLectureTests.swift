import Coroutines
import Testing

/// The lecture's coroutines: values and errors go both ways.
@Suite struct CoroutineLectureTests {
  @Test func `11: countdown is sent a shift of 10`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run {
      let countdown = Coroutine<Int, Int, Void>(name: "countdown", on: scheduler) { exchange in
        var number = 1
        while number > 0 {
          let shift = try await exchange.yield(number)
          number -= 1
          if let shift { number += shift }
        }
      }
      if let number = try await countdown.next() { out.note("\(number)") }
      if let number = try await countdown.send(10) { out.note("\(number)") }
      try await countdown.close()
    }
    #expect(out.all == ["1", "10"])
  }

  @Test func `12: an error thrown in is caught where the body yields, and the same number comes again`() throws {
    let out = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let countdown = Coroutine<Int, Int, Void>(name: "countdown", on: scheduler) { exchange in
        var number = 3
        while number > 0 {
          do {
            try await exchange.yield(number)
            number -= 1
          } catch is Rejected {
            out.note("caught")
          }
        }
      }
      #expect(try await countdown.next() == 3)
      #expect(try await countdown.throw(Rejected()) == 3)
      #expect(try await countdown.next() == 2)
      try await countdown.close()
    }
    #expect(out.all == ["caught"])
  }
}
