import Coroutines

extension Operation {
  static let swift = [
    Operation("Swift: call of an actor", callOfActor),
    Operation("Swift: AsyncStream, element", asyncStream),
  ]
}

/// Runs `body` as a task of Swift's own thread pool, and waits for it.
func onDefaultExecutor(_ body: @escaping @Sendable () async -> Double) throws -> Double {
  try Scheduler().run { await Task.detached { await body() }.value }
}

private actor Counter {
  private(set) var sum = 0

  func add(_ value: Int) { sum &+= value }
}

private func callOfActor(_ count: Int) throws -> Double {
  try onDefaultExecutor {
    let counter = Counter()
    let stopwatch = Stopwatch()
    for value in 0..<count { await counter.add(value) }
    let cost = stopwatch.nanoseconds(per: count)
    check(await counter.sum, of: count)
    return cost
  }
}

private func asyncStream(_ count: Int) throws -> Double {
  try onDefaultExecutor {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .unbounded)
    let stopwatch = Stopwatch()
    let consumer = Task {
      var sum = 0
      for await value in stream { sum &+= value }
      return sum
    }
    let producer = Task {
      for value in 0..<count { continuation.yield(value) }
      continuation.finish()
    }
    await producer.value
    let sum = await consumer.value
    let cost = stopwatch.nanoseconds(per: count)
    check(sum, of: count)
    return cost
  }
}
