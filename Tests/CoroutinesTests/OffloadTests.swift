import Coroutines
import Glibc
import Testing

@Suite struct OffloadTests {
  @Test func `blocking work leaves the scheduler free`() throws {
    let scheduler = Scheduler()
    let trace = Trace()
    try scheduler.run {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      let (reading, writing) = (ends[0], ends[1])
      let offload = Offload(name: "blocking")
      let blocked = scheduler.spawn(name: "blocked") {
        try await offload.run {
          var byte: UInt8 = 0
          read(reading, &byte, 1)
        }
        trace.note("unblocked")
      }
      await Task.yield()
      trace.note("free")
      var byte: UInt8 = 1
      write(writing, &byte, 1)
      try await blocked.value
      close(reading)
      close(writing)
    }
    #expect(trace.all == ["free", "unblocked"])
  }

  @Test func `an actor lives on the thread, and errors come back`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let resident = Resident()
      let first = await resident.thread
      let second = await resident.thread
      #expect(first == second)
      #expect(first != UInt(pthread_self()))
      await #expect(throws: Rejected()) { try await Offload(name: "x").run { throw Rejected() } }
    }
  }

  private actor Resident {
    private nonisolated let offload = Offload(name: "resident")
    nonisolated var unownedExecutor: UnownedSerialExecutor { offload.asUnownedSerialExecutor() }
    var thread: UInt { UInt(pthread_self()) }
  }
}
