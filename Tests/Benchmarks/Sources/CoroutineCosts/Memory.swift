import Coroutines
import Glibc

/// Resident bytes of this process.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 128)
  guard fgets(&line, 128, file) != nil else { return 0 }
  let fields = String(cString: line).split(separator: " ")
  return Int(fields[1])! * Int(sysconf(Int32(_SC_PAGESIZE)))
}

func use(_ count: Int, on scheduler: Scheduler) async throws {
  for value in 0..<count {
    let coroutine = Coroutine<Int, Int, Void>(name: "one", on: scheduler) { exchange in
      var value = try await exchange.yield(0)
      while true { value = try await exchange.yield(value ?? 0) }
    }
    _ = try await coroutine.next()
    try await coroutine.send(value)
    if value % 2 == 0 { try await coroutine.close() }  // the others are dropped
  }
  while scheduler.routines.count > 1 { await Task.yield() }
}

func memory() throws {
  let scheduler = Scheduler()
  try scheduler.run {
    for round in 0..<6 {
      let before = residentBytes()
      try await use(200_000, on: scheduler)
      print("round", round, "growth", residentBytes() - before)
    }
    let before = residentBytes()
    let alive = (0..<100_000).map { _ in
      Consumer<Int>(name: "alive", on: scheduler) { inbox in for try await _ in inbox {} }
    }
    for coroutine in alive { try await coroutine.send(1) }
    print("each", (residentBytes() - before) / 100_000)
    for coroutine in alive.reversed() { try await coroutine.close() }
  }
}
