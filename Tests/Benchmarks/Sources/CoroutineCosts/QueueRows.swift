import Coroutines

extension Operation {
  static let queues = [
    Operation("element through a Channel(capacity: 64)", channel),
    Operation("broadcast to two Consumers", broadcast),
  ]
}

private func channel(_ count: Int) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let channel = Channel<Int>(on: scheduler, capacity: 64)
    let stopwatch = Stopwatch()
    let receiver = scheduler.spawn(name: "receiver") {
      var sum = 0
      for try await value in channel { sum &+= value }
      return sum
    }
    for value in 0..<count { try await channel.send(value) }
    channel.finish()
    let sum = try await receiver.value
    let cost = stopwatch.nanoseconds(per: count)
    check(sum, of: count)
    return cost
  }
}

private func broadcast(_ count: Int) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let sinks = ["one", "other"].map { name in
      Consumer<Int>(name: name, on: scheduler) { inbox in
        var sum = 0
        for try await value in inbox { sum &+= value }
        check(sum, of: count)
      }
    }
    await Task.yield()
    let broadcast = Broadcast(to: sinks)
    let stopwatch = Stopwatch()
    for value in 0..<count { try await broadcast.send(value) }
    let cost = stopwatch.nanoseconds(per: count)
    for sink in sinks { try await sink.close() }
    return cost
  }
}
