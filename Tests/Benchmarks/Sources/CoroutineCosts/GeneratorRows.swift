import Coroutines

extension Operation {
  static let depth = 1000

  static let generators = [
    Operation("`next` of a Generator") { count in
      try drain(count) { scheduler in numbers(count, on: scheduler) }
    },
    Operation("`next` through 1,000 nested `yield.from`") { count in
      try drain(count) { scheduler in nested(depth, count, on: scheduler) }
    },
    Operation("`next` of a Generator's `map`") { count in
      try drain(count) { scheduler in numbers(count, on: scheduler).map { $0 } }
    },
  ]
}

private func numbers(_ count: Int, on scheduler: Scheduler) -> Generator<Int> {
  Generator(on: scheduler) { yield in for number in 0..<count { try await yield(number) } }
}

private func nested(_ depth: Int, _ count: Int, on scheduler: Scheduler) -> Generator<Int> {
  if depth == 0 { return numbers(count, on: scheduler) }
  let inner = nested(depth - 1, count, on: scheduler)
  return Generator(on: scheduler) { yield in try await yield.from(inner) }
}

private func drain(_ count: Int, _ make: @escaping @Sendable (Scheduler) -> Generator<Int>) throws -> Double {
  let scheduler = Scheduler()
  return try scheduler.run {
    let generator = make(scheduler)
    var sum = try await generator.next() ?? 0  // all delegations are made here, where there are any
    let stopwatch = Stopwatch()
    for try await number in generator { sum &+= number }
    let cost = stopwatch.nanoseconds(per: count)
    check(sum, of: count)
    return cost
  }
}
