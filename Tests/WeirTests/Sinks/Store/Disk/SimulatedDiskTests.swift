import CSQLite
import SimulatedDisk
import SystemPackage
import Testing

@testable import Weir

/// What the simulated disk promises, without a store.
@Suite struct SimulatedDiskTests {
  private let path: FilePath = "/data/a.db"

  /// A connection to a database on the disk, made with the C interface alone.
  private final class Connection {
    private var handle: OpaquePointer?
    private let disk: SimulatedDisk

    init(_ path: FilePath, on disk: SimulatedDisk) {
      self.disk = disk
      let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE
      sqlite3_open_v2(path.string, &handle, flags, disk.vfsName)
    }

    deinit { sqlite3_close(handle) }

    @discardableResult func run(_ sql: String) -> Int32 { sqlite3_exec(handle, sql, nil, nil, nil) }
  }

  /// A database with a table `t` of one column, in WAL mode.
  private func prepared() -> SimulatedDisk {
    let disk = SimulatedDisk()
    #expect(Connection(path, on: disk).run("PRAGMA journal_mode=WAL; CREATE TABLE t(x)") == SQLITE_OK)
    return disk
  }

  private func count(_ disk: SimulatedDisk) throws -> String { try disk.rows("SELECT count(*) FROM t", of: path)[0][0] }

  @Test func whatWasSyncedSurvivesEveryPowerCutAndTheRestMay() throws {
    let disk = prepared()
    let connection = Connection(path, on: disk)
    connection.run("PRAGMA synchronous=FULL; INSERT INTO t VALUES(1)")
    #expect(disk.unsyncedCount == 0)
    connection.run("PRAGMA synchronous=NORMAL; INSERT INTO t VALUES(2)")
    #expect(disk.unsyncedCount > 0)
    #expect(try count(disk) == "2")
    let counts = try (0..<200).map { seed in
      let life = SimulatedDisk(cloning: prepared())
      let writer = Connection(path, on: life)
      writer.run("PRAGMA synchronous=FULL; INSERT INTO t VALUES(1); PRAGMA synchronous=NORMAL; INSERT INTO t VALUES(2)")
      return try count(life.powerCut(seed: UInt64(seed)))
    }
    #expect(Set(counts) == ["1", "2"])
    #expect(counts.filter { $0 == "2" }.count > 20)
  }

  @Test func aCrashKeepsWhatWasWrittenAndNothingReachesTheDiskAfterIt() throws {
    let disk = prepared()
    let ghost = Connection(path, on: disk)
    ghost.run("INSERT INTO t VALUES(1); BEGIN; INSERT INTO t VALUES(2)")
    let lock = try disk.lock(path)
    let next = disk.crash()
    #expect(try count(next) == "1")
    #expect(ghost.run("COMMIT") & 0xff == SQLITE_IOERR)
    #expect(Connection(path, on: disk).run("SELECT 1 FROM t") != SQLITE_OK)
    #expect(throws: Errno.ioError) { try disk.identity(path) }
    #expect(throws: StoreError.self) { try disk.lock(path) }
    #expect(try next.identity(path) != nil)
    _ = try next.lock(path)
    withExtendedLifetime(lock) {}
    #expect(Connection(path, on: next).run("INSERT INTO t VALUES(3)") == SQLITE_OK)
    #expect(try count(next) == "2")
  }

  @Test func theSameSeedGivesTheSameDisk() throws {
    func life(_ seed: UInt64) throws -> [String] {
      let disk = SimulatedDisk(cloning: prepared(), seed: seed)
      let connection = Connection(path, on: disk)
      connection.run("SELECT * FROM t")
      disk.fail(.ioError, operations: 1 ... .max, oneIn: 30)
      let codes = (0..<40).map { "\(connection.run("INSERT INTO t VALUES(zeroblob(\($0 * 100)))"))" }
      let next = disk.powerCut(seed: seed)
      return try codes + ["\(disk.operationCount) \(disk.faultCount)"] + [count(next)]
    }
    for seed in 0..<20 as Range<UInt64> { #expect(try life(seed) == life(seed)) }
    #expect(try Set((0..<20).map(life)).count > 10)
  }

  @Test func namesAreDurableInOrder() throws {
    var found: Set<String> = []
    for seed in 0..<100 as Range<UInt64> {
      let disk = SimulatedDisk()
      for name in ["a", "b", "c"] as [FilePath] { #expect(try disk.create(FilePath("/").pushing(name))) }
      #expect(try !disk.create("/a"))
      try disk.rename("/b", to: "/d")
      let next = disk.powerCut(seed: seed)
      found.insert(try ["/a", "/b", "/c", "/d"].filter { try next.identity(FilePath($0)) != nil }.joined())
    }
    #expect(found == ["", "/a", "/a/b", "/a/b/c", "/a/c/d"])
  }

  @Test func eachFaultIsWhatSQLiteKnowsItAs() throws {
    let disk = prepared()
    let connection = Connection(path, on: disk)
    connection.run("INSERT INTO t VALUES(0)")
    disk[.full] = true
    #expect(connection.run("INSERT INTO t VALUES(zeroblob(100000))") == SQLITE_FULL)
    disk[.full] = false
    disk[.busy] = true
    #expect(connection.run("INSERT INTO t VALUES(1)") == SQLITE_BUSY)
    #expect(connection.run("SELECT * FROM t") == SQLITE_OK, "a foreign writer does not keep readers out")
    disk[.busy] = false
    disk[.ioError] = true
    #expect(connection.run("INSERT INTO t VALUES(1)") & 0xff == SQLITE_IOERR)
    disk.clearFaults()
    #expect(connection.run("INSERT INTO t VALUES(2)") == SQLITE_OK)
    #expect(disk.faultCount > 2)

    let other = Connection(path, on: disk)
    #expect(other.run("BEGIN IMMEDIATE") == SQLITE_OK)
    #expect(connection.run("INSERT INTO t VALUES(3)") == SQLITE_BUSY, "a writer of the same disk")
    #expect(other.run("COMMIT") == SQLITE_OK)

    disk.isReadOnly = true
    #expect(connection.run("INSERT INTO t VALUES(3)") & 0xff == SQLITE_IOERR)
    #expect(Connection(path, on: disk).run("INSERT INTO t VALUES(3)") & 0xff == SQLITE_READONLY)
    #expect(disk.objection(to: path) != nil)
    disk.isReadOnly = false

    let before = try disk.identity(path)
    try disk.remove(path)
    #expect(try disk.identity(path) == nil)
    try disk.remove("/data/a.db-wal")
    try disk.put(Array("no database".utf8), at: path)
    #expect(try disk.identity(path) != before)
    #expect(Connection(path, on: disk).run("SELECT * FROM t") == SQLITE_NOTADB)
    #expect(try disk.content(of: path) == Array("no database".utf8))
  }

  @Test func aHaltEndsTheProcessInTheMiddle() throws {
    var counts: Set<String> = []
    for number in 1...60 as ClosedRange<UInt64> {
      let disk = SimulatedDisk(cloning: prepared(), seed: number)
      disk.halt(atOperation: number)
      let connection = Connection(path, on: disk)
      for value in 0..<10 where connection.run("INSERT INTO t VALUES(\(value))") != SQLITE_OK { break }
      #expect(disk.isHalted && disk.operationCount == number)
      counts.insert(try count(disk.crash()))
    }
    #expect(counts.count > 4)
  }

  @Test func disksAreLetGoOf() throws {
    let image = prepared()
    let before = SimulatedDisk.liveCount
    for seed in 0..<1000 as Range<UInt64> {
      let disk = SimulatedDisk(cloning: image, seed: seed)
      let connection = Connection(path, on: disk)
      connection.run("INSERT INTO t VALUES(1)")
      let next = seed.isMultiple(of: 2) ? disk.crash() : disk.powerCut(seed: seed)
      _ = try count(next)
    }
    // Other tests have disks too at the moment.
    #expect(SimulatedDisk.liveCount - before < 300)
  }
}
