import Coroutines
import Testing

/// Rings of coroutines that wait for each other: found when the last would close the ring, and told to that one.
@Suite struct CycleTests {
  /// `count` consumers, each of which sends what it takes to the next, and the last to the first.
  private static func ring(
    of count: Int, on scheduler: Scheduler, _ trace: Trace
  ) -> [Consumer<Int>] {
    let places = (0..<count).map { _ in Box<Consumer<Int>>() }
    let ring = (0..<count).map { index in
      Consumer<Int>(name: "\(index)", on: scheduler) { inbox in
        for try await value in inbox {
          do {
            try await places[(index + 1) % count].value!.send(value)
          } catch {
            trace.note("\(index): \(error)")
          }
        }
      }
    }
    for (place, consumer) in zip(places, ring) { place.value = consumer }
    return ring
  }

  @Test(arguments: [2, 3, 10], [nil, 7] as [UInt64?])
  func `a ring of sends is found, and those in it go on`(count: Int, seed: UInt64?) throws {
    let scheduler = Scheduler(clock: VirtualClock(), seed: seed)
    let trace = Trace()
    try scheduler.run {
      let ring = Self.ring(of: count, on: scheduler, trace)
      try await ring[0].send(1)
      try await ring[0].send(2)
      for consumer in ring { try await consumer.close() }
    }
    let way = ([count - 1] + Array(0..<count)).map(String.init).joined(separator: " -> ")
    #expect(trace.all == Array(repeating: "\(count - 1): each waits for the next: \(way)", count: 2))
  }

  @Test func `two that close each other, and two that wait for each other's value, are found`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run {
      let places = (Box<Consumer<Int>>(), Box<Consumer<Int>>())
      let left = Consumer<Int>(name: "left", on: scheduler) { inbox in
        for try await _ in inbox { try await places.1.value!.close() }
      }
      let right = Consumer<Int>(name: "right", on: scheduler) { inbox in
        while try await inbox.next() != nil {}
        do { try await places.0.value!.close() } catch { trace.note("\(error)") }
      }
      (places.0.value, places.1.value) = (left, right)
      try await left.send(1)
      try await left.close()

      let routines = (Box<Routine<Void>>(), Box<Routine<Void>>())
      let one = scheduler.spawn(name: "one") { try await routines.1.value!.value }
      let two = scheduler.spawn(name: "two") {
        do { try await routines.0.value!.value } catch { trace.note("\(error)") }
      }
      (routines.0.value, routines.1.value) = (one, two)
      try await one.value
    }
    #expect(
      trace.all == [
        "each waits for the next: right -> left -> right", "each waits for the next: two -> one -> two",
      ])
  }

  @Test func `a long line of sends that is no ring goes through`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run {
      var next: Consumer<Int>?
      var all: [Consumer<Int>] = []
      for index in 0..<1_000 {
        let target = next
        let consumer = Consumer<Int>(name: "\(index)", on: scheduler) { inbox in
          for try await value in inbox {
            if let target { try await target.send(value + 1) } else { trace.note("\(value)") }
          }
        }
        next = consumer
        all.append(consumer)
      }
      try await all.last!.send(0)
      try await all.last!.send(1)
      for consumer in all.reversed() { try await consumer.close() }
    }
    #expect(trace.all == ["999", "1000"])
  }

  @Test func `a busy target that waits for time is no ring`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run {
      let slow = Consumer<Int>(name: "slow", on: scheduler) { inbox in
        for try await _ in inbox { try await scheduler.sleep(for: .seconds(1)) }
      }
      let senders = (0..<3).map { value in scheduler.spawn(name: "\(value)") { try await slow.send(value) } }
      for sender in senders { try await sender.value }
    }
  }

  @Test func `a child task that takes what is sent is no ring with its parent`() throws {
    let scheduler = Scheduler(clock: VirtualClock())
    let trace = Trace()
    try scheduler.run {
      let places = (Box<Consumer<Int>>(), Box<Consumer<Int>>())
      let parentTook = Box<Bool>()
      let parent = Consumer<Int>(name: "parent", on: scheduler) { inbox in
        async let taken: Void = {
          for try await value in inbox {
            trace.note("\(value)")
            parentTook.value = true
          }
        }()
        while parentTook.value == nil { await Task.yield() }
        try await places.1.value!.send(1)
        try await taken
      }
      let other = Consumer<Int>(name: "other", on: scheduler) { inbox in
        for try await value in inbox { try await places.0.value!.send(value + 1) }
      }
      (places.0.value, places.1.value) = (parent, other)
      try await parent.send(0)
      try await other.close()
      try await parent.close()
    }
    #expect(trace.all == ["0", "2"])
  }
}
