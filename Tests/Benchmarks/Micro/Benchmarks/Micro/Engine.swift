import Benchmark
import Coroutines

/// What each stage of a pipeline is joined to the next with.
func registerEngine() {
  let count = 10_000

  register("coroutine-send") { benchmark in
    // What the scheduler runs, it runs on this thread.
    nonisolated(unsafe) let benchmark = benchmark
    let scheduler = Scheduler()
    let sum = try scheduler.run {
      let sink = Coroutine<Int, Never, Int>(name: "sink", on: scheduler) { inbox in
        var sum = 0
        for try await value in inbox { sum &+= value }
        return sum
      }
      await Task.yield()
      try await benchmark.counted { for value in 0..<count { try await sink.send(value) } }
      return try await sink.close() ?? 0
    }
    if sum != count * (count - 1) / 2 { benchmark.error("other values came than were sent") }
  }

  register("generator-next") { benchmark in
    // What the scheduler runs, it runs on this thread.
    nonisolated(unsafe) let benchmark = benchmark
    let scheduler = Scheduler()
    let sum = try scheduler.run {
      let generator = Generator(on: scheduler) { yield in for number in 0..<count { try await yield(number) } }
      return try await benchmark.counted {
        var sum = 0
        for try await number in generator { sum &+= number }
        return sum
      }
    }
    if sum != count * (count - 1) / 2 { benchmark.error("other values came than were yielded") }
  }
}
