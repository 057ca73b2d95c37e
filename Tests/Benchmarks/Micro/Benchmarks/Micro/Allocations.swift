import AllocationCount
import Benchmark

extension BenchmarkMetric {
  /// How often memory is asked for: counted here, as the package's own counts need another allocator.
  static let allocations = BenchmarkMetric.custom("allocations")
}

extension Benchmark {
  /// Measures `work` alone.
  func counted<Value>(_ work: () throws -> Value) rethrows -> Value {
    startMeasurement()
    let before = allocation_count()
    let value = try work()
    end(before)
    return value
  }

  /// Measures `work` alone.
  func counted<Value>(_ work: () async throws -> Value) async rethrows -> Value {
    startMeasurement()
    let before = allocation_count()
    let value = try await work()
    end(before)
    return value
  }

  private func end(_ before: Int) {
    let count = allocation_count() - before
    stopMeasurement()
    measurement(.allocations, count)
  }
}
