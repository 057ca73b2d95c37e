import Coroutines
import Glibc
import Testing

/// The engine beside Swift's own tasks, actors and sequences. What needs a thread of Swift's pool to go on does not
/// block one meanwhile.
@Suite struct InteropTests {
  private actor Plain {
    var sum = 0
    func add(_ value: Int, on scheduler: Scheduler) -> Bool {
      sum += value
      return scheduler.isOnThread
    }
  }

  private actor Resident {
    private nonisolated let offload = Offload(name: "resident")
    nonisolated var unownedExecutor: UnownedSerialExecutor { offload.asUnownedSerialExecutor() }
    func isOn(_ scheduler: Scheduler) -> Bool { scheduler.isOnThread }
  }

  @Test func `plain actors, child tasks and continuations of a routine run on the scheduler's thread`() async throws {
    try await Scheduler.onOwnThread { scheduler in
      let plain = Plain()
      #expect(await plain.add(1, on: scheduler))
      let children = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<10 { group.addTask { await plain.add(number, on: scheduler) && scheduler.isOnThread } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(children == Array(repeating: true, count: 10))
      #expect(await plain.sum == 46)
      await withCheckedContinuation { continuation in Task.detached { continuation.resume() } }
      #expect(scheduler.isOnThread)
    }
  }

  @Test func `an actor with an executor of its own runs there, and the routine comes back`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      #expect(await !Resident().isOn(scheduler))
      #expect(scheduler.isOnThread)
    }
  }

  @Test func `a routine consumes an AsyncStream that another thread feeds`() async throws {
    let sum = try await Scheduler.onOwnThread { scheduler in
      let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
      Task.detached {
        for number in 1...100 { continuation.yield(number) }
        continuation.finish()
      }
      var sum = 0
      for await number in stream {
        #expect(scheduler.isOnThread)
        sum += number
      }
      return sum
    }
    #expect(sum == 5050)
  }

  @Test func `generators go through the algorithms of AsyncSequence`() throws {
    let scheduler = Scheduler()
    try scheduler.run { () async throws in
      let numbers = Generator(on: scheduler, of: 1...10)
      let some = try numbers.dropFirst(2).prefix { $0 < 8 }.compactMap { $0 % 2 == 0 ? "\($0)" : nil }
      let joined = try await some.reduce("", +)
      #expect(joined == "46")
      #expect(try await numbers.next() == 9)
    }
  }

  @Test func `a task outside awaits and cancels a routine`() async throws {
    let outcome = try await Scheduler.onOwnThread { scheduler -> Result<Void, any Error> in
      let routine = scheduler.spawn(name: "sleeper") { try await scheduler.sleep(for: .seconds(3600)) }
      let outside = Task.detached {
        while routine.status.state != .sleeping { await Task.yield() }
        routine.cancel()
        return await routine.outcome
      }
      return await outside.value
    }
    #expect(throws: CancellationError.self) { try outcome.get() }
  }
}
