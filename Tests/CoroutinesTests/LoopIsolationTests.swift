import Coroutines
import Testing

/// A `for try await` stays where it is, whatever thread its elements come from.
@Suite struct LoopIsolationTests {
  @Test func `an actor on another thread stays there`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let reader = Reader()
      let channel = Channel<Int>(on: scheduler, capacity: 2)
      let sender = scheduler.spawn(name: "sender") {
        for number in 0..<10 { try await channel.send(number) }
        channel.finish()
      }
      try await reader.read(Generator(on: scheduler, of: 0..<10))
      #expect(scheduler.isOnThread)
      try await reader.read(channel)
      #expect(scheduler.isOnThread)
      try await sender.value
      #expect(await reader.sum == 2 * 45)
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a body takes what it is sent in an actor on another thread`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let reader = Reader()
      let consumer = Consumer<Int>(name: "consumer", on: scheduler) { inbox in try await reader.read(inbox) }
      for number in 0..<100 { try await consumer.send(number) }
      try await consumer.close()
      #expect(await reader.sum == 4950)
      let cancelled = Consumer<Int>(name: "cancelled", on: scheduler) { inbox in try await reader.read(inbox) }
      try await cancelled.send(1)
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
    }
  }
}

private actor Reader {
  private let offload = Offload(name: "reader")
  private(set) var sum = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { offload.asUnownedSerialExecutor() }

  func read(_ numbers: some AsyncSequence<Int, any Error> & Sendable) async throws {
    for try await number in numbers {
      assertIsolated()
      sum += number
    }
    assertIsolated()
  }
}
