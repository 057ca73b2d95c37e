import SystemPackage
import Testing

@testable import Weir

/// Real files: a `-wal` is moved and synced beside the commits.
@Suite struct WALMoverTests {
  private let folder = StoreFolder()
  private let log = LogRecord()
  private let label = PipelineLabel(name: "p", fields: [])

  private func makeMover() -> WALMover { WALMover(folder.database, on: LinuxDisk(), log: log.logger) }

  private func connect(_ mover: WALMover) throws -> StoreConnection {
    _ = try LinuxDisk().create(folder.database)
    return try StoreConnection(
      opening: folder.database, on: LinuxDisk(), identity: LinuxDisk().identity(folder.database)!, schema: .current,
      mover: mover)
  }

  private func write(_ count: Int, to connection: StoreConnection) throws {
    let padding = String(repeating: "x", count: 300)
    let delivery = FakeFile().delivery(label, (0..<count).map { (Array("\($0) \(padding)".utf8), []) })
    try connection.transaction {
      try connection.matches.insert(
        delivery, pipeline: connection.names.pipeline("p"), file: connection.names.file("/f")
      ) { (_, error) throws(SQLiteError) in throw error }
    }
  }

  @Test func whatIsCommittedIsMovedMeanwhile() async throws {
    let mover = makeMover()
    var connection: StoreConnection? = try connect(mover)
    connection?.pace.limit = 8
    let pages = connection!.database.walPages
    try write(20_000, to: connection!)
    try await mover.sync()  // on its thread, behind what was begun
    #expect(!mover.sight.isBusy && mover.sight.movedPages > pages)
    let inDatabase = shell("stat -c %s \(folder.database)").output.filter(\.isNumber)
    #expect(Int(inDatabase)! > WALPace.restBytes)
    // Little is left: that is moved by the next commit, and the one after begins the `-wal` anew.
    try write(1, to: connection!)
    try write(1, to: connection!)
    #expect(connection!.database.walPages < 8)
    connection = nil
    let reader = Reader(folder.database)
    #expect(reader.column("SELECT count(*) FROM match") == ["20002"])
    #expect(reader.rows("PRAGMA integrity_check") == [["ok"]])
  }

  @Test func whoCommitsMuchFinishesWhileOthersWaitForLittle() async throws {
    let mover = makeMover()
    let connection = try connect(mover)
    connection.pace.limit = 32
    connection.leavesFinishing = true
    for _ in 0..<4 { try write(200, to: connection) }
    let pages = connection.database.walPages
    #expect(pages > 32, "nothing was finished, though it is little")
    #expect(connection.moverBeforeFinish === mover)
    try await mover.moveOn()
    #expect(!mover.sight.isBusy && mover.sight.movedPages == pages)
    connection.leavesFinishing = false
    connection.finishMoving()
    try write(1, to: connection)
    #expect(connection.database.walPages < 8)
    #expect(connection.moverBeforeFinish == nil)
    #expect(Reader(folder.database).column("SELECT count(*) FROM match") == ["801"])
  }

  @Test func theFirstSyncIsOfWhoMadeTheFile() async throws {
    let mover = makeMover()
    let connection = try connect(mover)
    try write(1, to: connection)
    #expect(try connection.sync() == nil)
    #expect(!connection.hasUnsynced)
    try write(1, to: connection)
    #expect(try connection.sync() == nil, "nothing was moved, and little is there")
    mover.begin()
    try await mover.sync()  // on its thread, behind that
    try write(1, to: connection)
    let other = try connection.sync()
    #expect(other === mover && !connection.hasUnsynced)
    let third = try connection.sync()
    #expect(third === mover, "it is not done yet")
    try await mover.sync()
    connection.noteSynced(true)
    #expect(!connection.hasUnsynced)
    connection.noteSynced(false)
    #expect(connection.hasUnsynced)
  }

  /// A figure of the `-wal` before would have the next one moved between two commits, all at once.
  @Test func whatWasMovedOfTheOneBeforeIsNothingOfTheNext() {
    let mover = makeMover()
    let first = mover.wal
    mover.note(moved: 2000, of: first)
    #expect(mover.sight.movedPages == 2000)
    mover.note(moved: 1000, of: first)
    #expect(mover.sight.movedPages == 2000, "who comes late knows less")
    mover.noteBegunAnew()
    mover.note(moved: 2100, of: first)
    #expect(mover.sight.movedPages == 0)
    mover.note(moved: 3, of: mover.wal)
    #expect(mover.sight.movedPages == 3)
  }

  @Test func whatTheStoreMovedItselfIsKnownToo() async throws {
    let mover = makeMover()
    let connection = try connect(mover)
    let reader = Reader(folder.database)
    try write(100, to: connection)
    reader.run("BEGIN; SELECT count(*) FROM match")
    try write(100, to: connection)
    connection.pace.limit = 8
    mover.end()  // it moves nothing
    try write(1, to: connection)
    #expect(mover.sight.movedPages > 8 && mover.sight.movedPages < connection.database.walPages)
  }

  @Test func thatItCannotBeOpenedIsSaidOnce() async throws {
    let mover = makeMover()
    let connection = try connect(mover)
    #expect(shell("mv \(folder.database) \(folder.database).away").status == 0)
    for _ in 0..<2 {
      mover.begin()
      await #expect(throws: SQLiteError.self) { try await mover.sync() }
    }
    #expect(
      log.all == [
        """
        warning: database \(folder.database): its -wal cannot be moved while lines are stored: unable to open database \
        file (SQLite 14); it grows to 256 MiB, and then lines wait until it is moved
        """
      ])
    #expect(!mover.isInUse && !mover.sight.isBusy)
    #expect(shell("mv \(folder.database).away \(folder.database)").status == 0)
    mover.begin()
    try await mover.sync()
    #expect(mover.isInUse && mover.sight.movedPages > 0)
    withExtendedLifetime(connection) {}
  }

  @Test func afterItsEndItDoesNothing() async throws {
    let mover = makeMover()
    let connection = try connect(mover)
    try write(10, to: connection)
    mover.end()
    mover.begin()
    try await mover.sync()
    #expect(!mover.sight.isBusy)
    #expect(mover.sight.movedPages == 0)
  }
}
