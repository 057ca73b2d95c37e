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
