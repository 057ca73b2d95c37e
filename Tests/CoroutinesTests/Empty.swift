import Testing
import Coroutines
import Synchronization
@Test func basics() throws {
  let s = Scheduler()
  let out = try s.run { () async throws -> [Int] in
    let got = Mutex<[Int]>([])
    let sum = Mutex(0)
    let c = Coroutine<Int>(name: "c", on: s) { inbox in
      defer { sum.withLock { $0 += 1 } }
      for try await v in inbox { got.withLock { $0.append(v) }; try await s.sleep(for: .milliseconds(1)) }
    }
    for i in 0..<5 { try await c.send(i) }
    try await c.close(); try await c.close()
    let off = Offload(name: "x")
    let k = try await off.run { 7 }
    return got.withLock { $0 } + [k, sum.withLock { $0 }]
  }
  #expect(out == [0, 1, 2, 3, 4, 7, 1])
}
@Test func speed() throws {
  let s = Scheduler()
  let t = ContinuousClock().now
  try s.run {
    let c = Coroutine<Int>(name: "c", on: s) { inbox in for try await _ in inbox {} }
    for i in 0..<200000 { try await c.send(i) }
    try await c.close()
  }
  print("SEND", (ContinuousClock().now - t) / 200000)
}
