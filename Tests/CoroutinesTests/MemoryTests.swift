import Coroutines
import Glibc
import Testing

/// What coroutines cost in memory. A debug build's frames are larger, and it leaves some more behind.
@Suite(.serialized, .disabled(if: isSanitized, "the sanitizer keeps memory of its own")) struct MemoryTests {
  /// Resident bytes of this process.
  private static func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var (size, resident) = (0, 0)
    withUnsafeMutablePointer(to: &size) { size in
      withUnsafeMutablePointer(to: &resident) { resident in
        _ = withVaList([size, resident]) { vfscanf(file, "%ld %ld", $0) }
      }
    }
    return resident * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func use(_ count: Int, on scheduler: Scheduler) async throws {
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

  @Test func `coroutines that were used and dropped leave no memory behind`() throws {
    let scheduler = Scheduler()
    let growth = try scheduler.run { () async throws -> Int in
      try await Self.use(20_000, on: scheduler)
      let before = Self.residentBytes()
      try await Self.use(100_000, on: scheduler)
      return Self.residentBytes() - before
    }
    #expect(growth < Self.growthBytesLimit, "\(growth) bytes for 100,000")
  }

  #if DEBUG
    private static let aliveBytesLimit = 5 << 10
    private static let growthBytesLimit = 64 << 20  // other tests run beside it; a leak would be 200 MB
  #else
    private static let aliveBytesLimit = 2 << 10
    private static let growthBytesLimit = 1 << 20
  #endif

  @Test func `a coroutine that is alive costs less than 2 KB`() throws {
    let scheduler = Scheduler()
    let count = 100_000
    let bytes = try scheduler.run { () async throws -> Int in
      let before = Self.residentBytes()
      let alive = (0..<count).map { _ in
        Consumer<Int>(name: "alive", on: scheduler) { inbox in for try await _ in inbox {} }
      }
      for coroutine in alive { try await coroutine.send(1) }
      let bytes = Self.residentBytes() - before
      for coroutine in alive.reversed() { try await coroutine.close() }
      return bytes
    }
    #expect(bytes / count < Self.aliveBytesLimit, "\(bytes / count) bytes each")
  }
}

/// Whether the thread sanitizer is in this program.
private let isSanitized = dlsym(nil, "__tsan_init") != nil
