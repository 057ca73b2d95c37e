import Coroutines
import Testing

@Suite struct ChannelTests {
  @Test func `what was sent is received in order, and senders wait for room`() throws {
    let trace = Trace()
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 2)
      let sender = scheduler.spawn(name: "sender") {
        for number in 1...4 {
          try await channel.send(number)
          trace.note("sent \(number)")
        }
        channel.finish()
      }
      await Task.yield()
      #expect(trace.all == ["sent 1", "sent 2"])
      var received: [Int] = []
      for try await number in channel { received.append(number) }
      #expect(received == [1, 2, 3, 4])
      try await sender.value
    }
  }

  @Test func `with no room at all each is handed from sender to receiver`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 0)
      let sender = scheduler.spawn(name: "sender") { try await channel.send(1) }
      await Task.yield()
      #expect(sender.result == nil)
      #expect(try await channel.next() == 1)
      try await sender.value
    }
  }

  @Test(arguments: [(Channel<Int>.Overflow.dropOldest, [3, 4]), (.dropNewest, [1, 2])])
  func `a full one that drops says how many`(_ overflow: Channel<Int>.Overflow, _ kept: [Int]) throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 2, overflow: overflow)
      for number in 1...4 { try await channel.send(number) }
      channel.finish()
      var received: [Int] = []
      for try await number in channel { received.append(number) }
      #expect(received == kept)
      #expect(try await channel.droppedCount == 2)
    }
  }

  @Test func `a sender that is cancelled in line knows that its element was not taken`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 1)
      try await channel.send(1)
      let senders = [2, 3].map { number in scheduler.spawn(name: "sender") { try await channel.send(number) } }
      await Task.yield()
      senders[0].cancel()
      await #expect(throws: CancellationError.self) { try await senders[0].value }
      #expect(try await channel.next() == 1)
      #expect(try await channel.next() == 3)
      try await senders[1].value
    }
  }

  @Test func `a sender that is cancelled when its element was taken is not told that it was not`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 0)
      let sender = scheduler.spawn(name: "sender") { try await channel.send(1) }
      await Task.yield()
      #expect(try await channel.next() == 1)
      sender.cancel()
      try await sender.value
    }
  }

  @Test func `a receiver that is cancelled loses no element`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 1)
      let receivers = [1, 2].map { number in scheduler.spawn(name: "receiver") { try await channel.next() } }
      await Task.yield()
      receivers[0].cancel()
      try await channel.send(7)
      await #expect(throws: CancellationError.self) { try await receivers[0].value }
      #expect(try await receivers[1].value == 7)
      let late = scheduler.spawn(name: "late") { try await channel.next() }
      await Task.yield()
      try await channel.send(8)
      late.cancel()
      #expect(try await late.value == 8)
    }
  }

  @Test func `many who withdraw from the line leave no trace in it, and those between keep their turn`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(on: scheduler, capacity: 0)
      let senders = (0..<5_000).map { number in
        scheduler.spawn(name: "sender") { try await channel.send(number) }
      }
      await Task.yield()
      for (number, sender) in senders.enumerated() where number % 1_000 != 7 { sender.cancel() }
      for number in stride(from: 7, to: 5_000, by: 1_000) { #expect(try await channel.next() == number) }
      channel.finish()
      #expect(try await channel.next() == nil)
      try await senders[7].value
      #expect(senders[7].status.state == .ended)
    }
  }

  @Test func `finishing tells who waits, and lets out what is in it first`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let channel = Channel<Int>(name: "c", on: scheduler, capacity: 1)
      try await channel.send(1)
      let sender = scheduler.spawn(name: "sender") { try await channel.send(2) }
      await Task.yield()
      channel.finish(throwing: Rejected())
      channel.finish()
      await #expect(throws: CoroutineError.ended(name: "c")) { try await sender.value }
      await #expect(throws: CoroutineError.ended(name: "c")) { try await channel.send(3) }
      #expect(try await channel.next() == 1)
      await #expect(throws: Rejected()) { try await channel.next() }
    }
  }

  @Test func `tasks on other threads send and receive`() async throws {
    let sum = try await Scheduler.onOwnThread { scheduler in
      let channel = Channel<Int>(on: scheduler, capacity: 4)
      let senders = (0..<4).map { _ in Task.detached { for number in 1...100 { try await channel.send(number) } } }
      let receiver = Task.detached { try await channel.reduce(0, +) }
      for sender in senders { try await sender.value }
      channel.finish()
      return try await receiver.value
    }
    #expect(sum == 4 * 5050)
  }
}
