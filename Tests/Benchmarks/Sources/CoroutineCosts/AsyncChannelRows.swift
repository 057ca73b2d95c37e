import AsyncAlgorithms
import Coroutines

extension Operation {
  static let asyncChannel = Operation("AsyncChannel: element, Swift's executor", count: 50_000) { count in
    try onDefaultExecutor { await pass(count, on: nil) }
  }

  static let channels = [
    asyncChannel,
    Operation("AsyncChannel: element, both tasks here", count: 50_000) { count in
      let scheduler = Scheduler()
      return try scheduler.run { await pass(count, on: scheduler) }
    },
  ]
}

/// One task sends, another receives, both on `executor`; nil is Swift's own.
private func pass(_ count: Int, on executor: (any TaskExecutor)?) async -> Double {
  let channel = AsyncChannel<Int>()
  let stopwatch = Stopwatch()
  let receiver = Task(executorPreference: executor) {
    var sum = 0
    for await value in channel { sum &+= value }
    return sum
  }
  let sender = Task(executorPreference: executor) {
    for value in 0..<count { await channel.send(value) }
    channel.finish()
  }
  await sender.value
  let sum = await receiver.value
  let cost = stopwatch.nanoseconds(per: count)
  check(sum, of: count)
  return cost
}
