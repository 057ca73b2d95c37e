import Coroutines
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// When a store does a short request on its caller's thread, and when not.
@Suite struct PromptnessTests {
  private let folder = StoreFolder()
  private let label = PipelineLabel(name: "p", fields: [])
  private let clock = VirtualClock(wall: .seconds(1_700_000_000))
  private let file = FakeFile()

  private func makeStore(on disk: any StoreDisk = LinuxDisk()) -> Store {
    Store(path: folder.database, log: LogRecord().logger, disk: disk, executor: HereExecutor(), clock: clock)
  }

  /// One that has written once, as it does before anything is done at once.
  private func makeUsedStore() async throws -> Store {
    let store = makeStore()
    try await store.write(file.delivery(label, "a"), sink: "s")
    return store
  }

  /// Writes a line at once if that can be, and takes so long for it.
  private func write(to store: Store, taking time: Duration = .zero) throws -> Bool {
    let delivery = file.delivery(label, "b")
    let count = try store.doAtOnce { [clock] in
      clock.advance(by: time)
      return try $0.write(delivery, sink: "s")
    }
    return count != nil
  }

  @Test func aStoreOpensAndTidiesOnItsOwnThread() async throws {
    let store = makeStore()
    #expect(try !write(to: store))
    try await store.open()
    #expect(try !write(to: store), "old checkpoints are looked for in the first transaction")
    try await store.write(file.delivery(label, "a"), sink: "s")
    #expect(try write(to: store))
    await store.close()
    #expect(try !write(to: store))
  }

  @Test func afterALongOneTheCallerIsLeftAloneForAWhile() async throws {
    let store = try await makeUsedStore()
    #expect(try write(to: store, taking: Promptness.longest))
    #expect(try write(to: store, taking: Promptness.longest + .nanoseconds(1)))
    #expect(try !write(to: store))
    clock.advance(by: Promptness.rest - .nanoseconds(1))
    #expect(try !write(to: store))
    clock.advance(by: .nanoseconds(1))
    #expect(try write(to: store))
  }

  @Test func onceADayTheStoreHasToTidy() async throws {
    let store = try await makeUsedStore()
    clock.advance(by: CheckpointExpiry.interval - .nanoseconds(1))
    #expect(try write(to: store))
    clock.advance(by: .nanoseconds(1))
    #expect(try !write(to: store))
    try await store.write(file.delivery(label, "c"), sink: "s")
    #expect(try write(to: store))
  }

  @Test func whereTheClockWasSetAllCheckpointsAreSetFirst() async throws {
    let store = try await makeUsedStore()
    clock.setWall(clock.wall + .milliseconds(CheckpointExpiry.shortestPause + 1))
    #expect(try !write(to: store))
    try await store.write(file.delivery(label, "c"), sink: "s")
    #expect(try write(to: store))
  }

  /// Another's lock is waited for by the store's thread, in the next try.
  @Test func nobodyWaitsForAnothersLock() async throws {
    let store = try await makeUsedStore()
    let other = Reader(folder.database)
    other.run("BEGIN IMMEDIATE")
    let waiting = Duration.milliseconds(Int64(Database.busyTimeoutMilliseconds))
    // The machine may be slow: once it is seen.
    let isPrompt = (0..<20).contains { _ in
      ContinuousClock().measure { #expect(throws: StoreError.self) { _ = try write(to: store) } } < waiting
    }
    #expect(isPrompt)
    let delivery = file.delivery(label, "c")
    let time = await ContinuousClock().measure {
      await #expect(throws: StoreError.self) { try await store.write(delivery, sink: "s") }
    }
    #expect(time >= waiting, "it waits as before")
    other.run("COMMIT")
    #expect(try write(to: store))
  }

  @Test func whatFillsTheWALIsForTheStoresThread() async throws {
    let store = try await makeUsedStore()
    func leave(_ pages: Int) async {
      await store.run { store in
        let connection = store.connection!
        connection.pace.limit = connection.database.walPages + pages
      }
    }
    await leave(WALPace.pagesOfShortOne)
    #expect(try !write(to: store))
    await leave(WALPace.pagesOfShortOne + 1)
    #expect(try write(to: store))
  }

  @Test func aDatabaseOfAnotherMachineIsNeverWaitedFor() async throws {
    let store = makeStore(on: AskedDisk(isLocal: false))
    try await store.write(file.delivery(label, "a"), sink: "s")
    #expect(try !write(to: store))
  }

  /// stat(2) takes a tenth of what a line alone takes.
  @Test func itIsLookedOnceWhetherTheFileIsThere() async throws {
    let disk = AskedDisk()
    let store = makeStore(on: disk)
    try await store.write(file.delivery(label, "a"), sink: "s")
    disk.forget()
    #expect(try write(to: store))
    #expect(disk.asked == ["identity"])
    disk.forget()
    let delivery = file.delivery(label, "c")
    try store.doAtOnce {
      try $0.write(delivery, sink: "s")
      try $0.write(delivery, sink: "s")
    }
    #expect(disk.asked == ["identity", "identity"], "once before each transaction")
    disk.forget()
    try await store.write(delivery, sink: "s")
    #expect(disk.asked == ["identity"])
  }

  @Test func nothingIsWrittenAtOnceToAFileThatIsNotThereAnyMore() async throws {
    let store = try await makeUsedStore()
    #expect(shell("mv \(folder.database) \(folder.database).away").status == 0)
    #expect(try !write(to: store))
    try await store.write(file.delivery(label, "c"), sink: "s")
    #expect(Reader(folder.database).column("SELECT line FROM matches") == ["c"])
    #expect(try write(to: store))
  }

  /// To close a database may take as long as to move its `-wal`.
  @Test func aConnectionThatFailedIsClosedByTheStoresThread() async throws {
    let disk = SimulatedDisk(cloning: StoreLives.prepared)
    let store = Store(
      path: StoreLives.path, log: LogRecord().logger, disk: disk, executor: HereExecutor(), clock: clock)
    try await store.write(file.delivery(label, "a"), sink: "s")
    disk[.ioError] = true
    #expect(throws: StoreError.self) { _ = try write(to: store) }
    #expect(await store.isConnected)
    #expect(try !write(to: store))
    disk[.ioError] = false
    #expect(try !write(to: store), "it is opened again first")
    try await store.write(file.delivery(label, "c"), sink: "s")
    #expect(try write(to: store))
  }

  @Test func whatIsShort() {
    func lines(_ count: Int, of bytes: Int = 10) -> HeldLines {
      var held = HeldLines()
      let line = [UInt8](repeating: UInt8(ascii: "x"), count: bytes - 1)
      held.add(file.delivery(label, (0..<count).map { _ in (line, []) }))
      return held
    }
    #expect(lines(Promptness.rows).isShort && !lines(Promptness.rows + 1).isShort)
    #expect(lines(1, of: Promptness.bytes).isShort && !lines(1, of: Promptness.bytes + 1).isShort)
  }
}

extension Store {
  fileprivate var isConnected: Bool { connection != nil }
  fileprivate func run(_ body: @Sendable (isolated Store) -> Void) { body(self) }
}
