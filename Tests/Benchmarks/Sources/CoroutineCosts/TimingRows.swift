import Coroutines

extension Operation {
  static let wallTiming = Operation("`Timing.measure`, wall time") { count in measureTiming(count, withCPU: false) }

  static let timings = [
    wallTiming,
    Operation("`Timing.measure`, wall and CPU time") { count in measureTiming(count, withCPU: true) },
  ]
}

/// The least that a recorder can do.
private final class Sum: TimingRecorder {
  private(set) var count = 0
  private(set) var wall = Duration.zero

  func record(_ measurement: Measurement) {
    count += 1
    wall += measurement.wall
  }
}

private func measureTiming(_ count: Int, withCPU: Bool) -> Double {
  let sum = Sum()
  let timing = Timing(clock: SystemClock(), measuresCPU: withCPU, recorder: sum)
  let stopwatch = Stopwatch()
  for _ in 0..<count { timing.measure("stage") {} }
  let cost = stopwatch.nanoseconds(per: count)
  precondition(sum.count == count && sum.wall > .zero, "not every measurement was recorded")
  return cost
}
