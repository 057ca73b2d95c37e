import Coroutines

extension Operation {
  static let send = Operation("`send` to a waiting Consumer", sendToConsumer)

  static let coroutines = [
    send,
    Operation("`send` answered by `yield`", sendAndYield),
  ]
}

private func sendToConsumer(_ count: Int) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let sink = Coroutine<Int, Never, Int>(name: "sink", on: scheduler) { inbox in
      var sum = 0
      for try await value in inbox { sum &+= value }
      return sum
    }
    await Task.yield()
    let stopwatch = Stopwatch()
    for value in 0..<count { try await sink.send(value) }
    let cost = stopwatch.nanoseconds(per: count)
    check(try await sink.close() ?? 0, of: count)
    return cost
  }
}

private func sendAndYield(_ count: Int) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let echo = Coroutine<Int, Int, Void>(name: "echo", on: scheduler) { exchange in
      var value = try await exchange.yield(0)
      while true { value = try await exchange.yield(value ?? 0) }
    }
    _ = try await echo.next()
    var sum = 0
    let stopwatch = Stopwatch()
    for value in 0..<count { sum &+= try await echo.send(value) ?? 0 }
    let cost = stopwatch.nanoseconds(per: count)
    check(sum, of: count)
    try await echo.close()
    return cost
  }
}
