import Benchmark
import Glibc

/// Each part of the program's work by itself, at sizes that take milliseconds.
///
/// What is held to a threshold is what can be counted. Time is shown where `WEIR_MICRO_TIMES` is set, and judged by
/// `workloads`.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.allocations], timeUnits: .microseconds, warmupIterations: 2, maxDuration: .seconds(5), maxIterations: 30,
    thresholds: [.allocations: .tenth])
  registerFollow()
  registerGrep()
  registerStore()
  registerWhole()
  registerEngine()
}

/// Registers a benchmark.
///
/// - Parameters:
///   - metrics: what is counted beside allocations.
///   - body: what has ``Benchmark/counted(_:)`` do the work.
func register(
  _ name: String, counting metrics: [BenchmarkMetric] = [], _ body: @escaping (Benchmark) throws -> Void
) {
  Benchmark(name, configuration: configuration(metrics), closure: body)
}

/// The same, where the work waits.
func register(
  _ name: String, counting metrics: [BenchmarkMetric] = [], _ body: @escaping (Benchmark) async throws -> Void
) {
  Benchmark(name, configuration: configuration(metrics), closure: body)
}

private func configuration(_ metrics: [BenchmarkMetric]) -> Benchmark.Configuration {
  var configuration = Benchmark.defaultConfiguration
  configuration.metrics += metrics
  for metric in metrics { configuration.thresholds?[metric] = .tenth }
  if getenv("WEIR_MICRO_TIMES") != nil { configuration.metrics += [.wallClock] }
  return configuration
}

extension BenchmarkThresholds {
  /// A tenth more or less than the threshold.
  fileprivate static var tenth: BenchmarkThresholds { BenchmarkThresholds(relative: [.p90: 10]) }
}
