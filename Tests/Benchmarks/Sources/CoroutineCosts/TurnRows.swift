import Coroutines

extension Operation {
  static let floor = Operation("a continuation's suspend and resume, here", suspendAndResume)

  static let turns = [
    Operation("`Task.yield`: a turn", turn),
    Operation("spawn and end of a routine", spawnAndEnd),
    floor,
  ]
}

private func turn(_ count: Int) throws -> Double {
  try Scheduler().run {
    let stopwatch = Stopwatch()
    for _ in 0..<count { await Task.yield() }
    return stopwatch.nanoseconds(per: count)
  }
}

private func spawnAndEnd(_ count: Int) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    var sum = 0
    let stopwatch = Stopwatch()
    for value in 0..<count { sum &+= try await scheduler.spawn(name: "one") { value }.value }
    let cost = stopwatch.nanoseconds(per: count)
    check(sum, of: count)
    return cost
  }
}

/// Where one of two tasks waits while the other runs. Both are on one thread.
private final class Bench: @unchecked Sendable {
  private var waiting: UnsafeContinuation<Void, Never>?

  func letOtherGo() { waiting.take()?.resume() }

  /// Suspends the caller, and lets the other go on.
  func swap() async {
    await withUnsafeContinuation { mine in
      letOtherGo()
      waiting = mine
    }
  }
}

/// Two tasks that suspend in turn, each resumed by the other: what the runtime alone takes for that.
private func suspendAndResume(_ count: Int) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let bench = Bench()
    let stopwatch = Stopwatch()
    let tasks = (0..<2).map { _ in
      Task(executorPreference: scheduler) {
        for _ in 0..<count / 2 { await bench.swap() }
        bench.letOtherGo()
      }
    }
    for task in tasks { await task.value }
    return stopwatch.nanoseconds(per: count)
  }
}
