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

  @Test func `a caller works in the place of an idle thread, and nobody beside it`() throws {
    let scheduler = Scheduler()
    try scheduler.run {
      let resident = Resident()
      #expect(resident.offload.isIsolatingCurrentContext() == false)
      let here = resident.offload.runHereIfIdle { resident.assumeIsolated { $0.thread } }
      #expect(here == UInt(pthread_self()))
      var other: Routine<UInt>?
      let trace = Trace()
      resident.offload.runHereIfIdle {
        other = scheduler.spawn(name: "other") {
          let thread = await resident.thread
          trace.note("other")
          return thread
        }
        #expect(resident.offload.runHereIfIdle { true } == nil)
        trace.note("here")
      }
      let thread = try await other?.value
      #expect(thread != UInt(pthread_self()))
      #expect(trace.all == ["here", "other"])
      #expect(resident.offload.isIsolatingCurrentContext() == false)
    }
  }

  @Test func `a busy thread has no guest`() throws {
    let resident = Resident()
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let (here, there) = (ends[0], ends[1])
    let scheduler = Scheduler()
    try scheduler.run {
      let work = scheduler.spawn(name: "work") {
        try await resident.offload.run {
          var byte: UInt8 = 1
          write(there, &byte, 1)
          read(there, &byte, 1)
        }
      }
      try await scheduler.readable(here)
      #expect(resident.offload.runHereIfIdle { true } == nil)
      var byte: UInt8 = 1
      write(here, &byte, 1)
      try await work.value
      // It is idle when it has come back for more.
      let deadline = scheduler.clock.now + .seconds(10)
      while resident.offload.runHereIfIdle({ true }) == nil, scheduler.clock.now < deadline { await Task.yield() }
      #expect(scheduler.clock.now < deadline)
    }
    close(here)
    close(there)
  }

  @Test func `an error of a guest comes out, and the thread goes on`() throws {
    let resident = Resident()
    #expect(throws: Rejected()) { try resident.offload.runHereIfIdle { throw Rejected() } }
    let thread = try Scheduler().run { await resident.thread }
    #expect(thread != UInt(pthread_self()))
  }

  private actor Resident {
    nonisolated let offload = Offload(name: "resident")
    nonisolated var unownedExecutor: UnownedSerialExecutor { offload.asUnownedSerialExecutor() }
    var thread: UInt { UInt(pthread_self()) }
  }
}
