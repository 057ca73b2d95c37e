import AsyncAlgorithms
import Coroutines

/// Nanoseconds that one operation took, over `count` of them.
func cost(of count: Int, _ body: () async throws -> Void) async rethrows -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  try await body()
  let took = clock.now - start
  return Double(took.nanoseconds) / Double(count)
}

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1])! : 1_000_000

func coroutineSend() throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let sink = Consumer<Int>(name: "sink", on: scheduler) { inbox in
      var sum = 0
      for try await value in inbox { sum &+= value }
    }
    _ = try await sink.next()
    let result = try await cost(of: count) { for value in 0..<count { try await sink.send(value) } }
    try await sink.close()
    return result
  }
}

func coroutineTwoWay() throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let echo = Coroutine<Int, Int, Void>(name: "echo", on: scheduler) { exchange in
      var value = try await exchange.yield(0)
      while true { value = try await exchange.yield((value ?? 0) &+ 1) }
    }
    _ = try await echo.next()
    let result = try await cost(of: count) { for value in 0..<count { _ = try await echo.send(value) } }
    try await echo.close()
    return result
  }
}

func actorCall() async -> Double {
  actor Counter { var sum = 0; func add(_ value: Int) { sum &+= value } }
  let counter = Counter()
  return await cost(of: count) { for value in 0..<count { await counter.add(value) } }
}

func asyncStream() async -> Double {
  let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .unbounded)
  let reader = Task { () -> Int in
    var sum = 0
    for await value in stream { sum &+= value }
    return sum
  }
  return await cost(of: count) {
    for value in 0..<count { continuation.yield(value) }
    continuation.finish()
    _ = await reader.value
  }
}

func asyncChannel() async -> Double {
  let channel = AsyncChannel<Int>()
  let reader = Task { () -> Int in
    var sum = 0
    for await value in channel { sum &+= value }
    return sum
  }
  return await cost(of: count) {
    for value in 0..<count { await channel.send(value) }
    channel.finish()
    _ = await reader.value
  }
}

if CommandLine.arguments.count > 2, CommandLine.arguments[2] == "memory" {
  try memory()
} else if CommandLine.arguments.count > 2 {
  print(CommandLine.arguments[2] == "send" ? try coroutineSend() : try coroutineTwoWay())
} else {
  for _ in 0..<3 {
    print("send", try coroutineSend(), "two-way", try coroutineTwoWay())
  }
  print("actor", await actorCall(), "stream", await asyncStream(), "channel", await asyncChannel())
}
