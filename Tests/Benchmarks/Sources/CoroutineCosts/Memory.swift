import Coroutines
import Glibc

/// A figure of memory: measured in a process of its own, since what earlier ones freed would be used again.
enum Memory: String, CaseIterable {
  case growth, coroutines, generators

  static let aliveCount = 100_000

  /// Bytes: for a million that were dropped, or for each that is alive.
  func measure() throws -> Int {
    let scheduler = Scheduler()
    switch self {
    case .growth: return try scheduler.run { try await growthOfMillion(on: scheduler) }
    case .coroutines: return try scheduler.run { try await aliveCoroutines(on: scheduler) }
    case .generators: return try scheduler.run { try await aliveGenerators(on: scheduler) }
    }
  }
}

/// Resident bytes of this process.
private func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var (total, resident) = (0, 0)
  withUnsafeMutablePointer(to: &total) { total in
    withUnsafeMutablePointer(to: &resident) { resident in
      _ = withVaList([total, resident]) { vfscanf(file, "%ld %ld", $0) }
    }
  }
  return resident * sysconf(Int32(_SC_PAGESIZE))
}

/// What a million coroutines leave behind, after 200,000.
private func growthOfMillion(on scheduler: Scheduler) async throws -> Int {
  try await use(200_000, on: scheduler)
  let before = residentBytes()
  for _ in 0..<5 { try await use(200_000, on: scheduler) }
  return residentBytes() - before
}

private func use(_ count: Int, on scheduler: Scheduler) async throws {
  for value in 0..<count {
    let echo = Coroutine<Int, Int, Void>(name: "echo", on: scheduler) { exchange in
      var value = try await exchange.yield(0)
      while true { value = try await exchange.yield(value ?? 0) }
    }
    _ = try await echo.next()
    try await echo.send(value)
    if value % 2 == 0 { try await echo.close() }  // the others are dropped
  }
  while scheduler.routines.count > 1 { await Task.yield() }
}

private func aliveCoroutines(on scheduler: Scheduler) async throws -> Int {
  let before = residentBytes()
  let alive = (0..<Memory.aliveCount).map { _ in
    Consumer<Int>(name: "alive", on: scheduler) { inbox in for try await _ in inbox {} }
  }
  for coroutine in alive { try await coroutine.send(1) }
  let bytes = (residentBytes() - before) / Memory.aliveCount
  for coroutine in alive { try await coroutine.close() }
  return bytes
}

private func aliveGenerators(on scheduler: Scheduler) async throws -> Int {
  let before = residentBytes()
  let alive = (0..<Memory.aliveCount).map { number in
    Generator<Int>(on: scheduler) { yield in while true { try await yield(number) } }
  }
  for (number, generator) in alive.enumerated() {
    guard try await generator.next() == number else { preconditionFailure("another generator's element") }
  }
  let bytes = (residentBytes() - before) / Memory.aliveCount
  for generator in alive { try await generator.close() }
  return bytes
}
