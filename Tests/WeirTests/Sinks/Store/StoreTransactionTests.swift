import SystemPackage
import Testing

@testable import Weir

@Suite struct StoreTransactionTests {
  private let folder = StoreFolder()
  private let label = PipelineLabel(name: "p", fields: [])

  private func openStore() -> Store { StoreShelf().store(at: folder.database) }

  @Test func rowsAndCheckpointComeTogetherOrNotAtAll() async throws {
    let store = openStore()
    let file = FakeFile()
    try await store.write(file.delivery(label, "a", "b"), sink: "s")
    let reader = Reader(folder.database)
    reader.run(
      """
      CREATE TRIGGER broken BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'no'); END;
      CREATE TRIGGER broken_too BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(ABORT, 'no'); END
      """)
    let next = file.delivery(label, "c")
    let elsewhere = FakeFile("/new", inode: 99).delivery(PipelineLabel(name: "q", fields: []), "d")
    for delivery in [next, elsewhere, next] {
      let error = await #expect(throws: StoreError.self) { try await store.write(delivery, sink: "s") }
      #expect(error?.isPassing == false)
    }
    #expect(reader.column("SELECT line FROM matches") == ["a", "b"])
    #expect(reader.column("SELECT offset FROM checkpoint") == ["4"])
    #expect(reader.column("SELECT path FROM file") == ["/var/log/auth.log"], "nor does a new file stay")
    reader.run("DROP TRIGGER broken; DROP TRIGGER broken_too")
    try await store.write(next, sink: "s")
    try await store.write(elsewhere, sink: "s")
    #expect(
      reader.rows("SELECT line, path, pipeline FROM matches WHERE id > 2") == [
        ["c", "/var/log/auth.log", "p"], ["d", "/new", "q"],
      ])
    #expect(reader.column("SELECT offset FROM checkpoint") == ["6", "2"])
  }

  @Test func rowsRefusedForGoodGoToRejectsAndTheRestGoesOn() async throws {
    let store = openStore()
    try await store.open()
    let reader = Reader(folder.database)
    reader.run(
      """
      CREATE TRIGGER picky BEFORE INSERT ON match WHEN new.line LIKE 'bad%' BEGIN SELECT RAISE(ABORT, 'picky'); END
      """)
    let huge = "bad" + String(repeating: "x", count: 100_000)
    let rejected = try await store.write(FakeFile().delivery(label, "good", "bad one", "fine", huge), sink: "s")
    #expect(rejected == 2)
    #expect(reader.column("SELECT line FROM matches") == ["good", "fine"])
    let rejects = reader.rows("SELECT time, pipeline, path, offset, substr(line, 1, 7), error FROM rejects")
    #expect(
      rejects.first
        == ["2023-11-14T22:13:20.123Z", "p", "/var/log/auth.log", "5", "bad one", "picky (SQLite 1811)"])
    #expect(reader.column("SELECT length(line) FROM rejects") == ["7", "\(LedgerTables.rejectedLineBytes)"])
    #expect(reader.column("SELECT offset FROM checkpoint") == ["100022"])
  }

  @Test func aTriggerThatRollsBackEverythingIsNoRejection() async throws {
    let store = openStore()
    try await store.open()
    let reader = Reader(folder.database)
    reader.run(
      "CREATE TRIGGER t BEFORE INSERT ON match WHEN new.line = 'b' BEGIN SELECT RAISE(ROLLBACK, 'all'); END")
    await #expect(throws: StoreError.self) {
      try await store.write(FakeFile().delivery(label, "a", "b", "c"), sink: "s")
    }
    #expect(reader.column("SELECT count(*) FROM match") == ["0"])
    #expect(reader.column("SELECT count(*) FROM checkpoint") == ["0"])
    try await store.write(FakeFile().delivery(label, "a"), sink: "s")
    #expect(reader.column("SELECT line FROM matches") == ["a"])
  }

  @Test func aFullDatabaseTakesNothingOfTheBatch() throws {
    _ = try LinuxDisk().create(folder.database)
    let connection = try StoreConnection(
      opening: folder.database, on: LinuxDisk(), identity: LinuxDisk().identity(folder.database)!, schema: .current)
    let pages = try connection.database.integer("PRAGMA page_count")!
    _ = try connection.database.integer("PRAGMA max_page_count=\(pages + 3)")
    let file = FakeFile()
    let delivery = file.delivery(
      label, [[UInt8]](repeating: .init(repeating: 97, count: 1000), count: 100).map { ($0, []) })
    let checkpoint = KeptCheckpoint(sink: "s", pipeline: "p", checkpoint: delivery.batch.checkpoint!)
    func write() throws {
      try connection.transaction {
        let pipeline = try connection.names.pipeline("p")
        let number = try connection.names.file("/f")
        try connection.matches.insert(delivery, pipeline: pipeline, file: number) { (_, error) throws(SQLiteError) in
          throw error
        }
        try connection.put(checkpoint)
      }
    }
    let error = #expect(throws: SQLiteError.self) { try write() }
    #expect(error?.isPassing == true)
    #expect(error?.needsReopening == false)
    let reader = Reader(folder.database)
    #expect(reader.column("SELECT count(*) FROM match UNION ALL SELECT count(*) FROM checkpoint") == ["0", "0"])
    _ = try connection.database.integer("PRAGMA max_page_count=100000")
    try write()
    #expect(reader.column("SELECT count(*) FROM match UNION ALL SELECT count(*) FROM checkpoint") == ["100", "1"])
  }

  /// What a power cut or a kill would leave: copies of the files, taken while a transaction is half done.
  @Test func whatAKillLeavesIsTheLastCommit() async throws {
    _ = try LinuxDisk().create(folder.database)
    let connection = try StoreConnection(
      opening: folder.database, on: LinuxDisk(), identity: LinuxDisk().identity(folder.database)!, schema: .current)
    // A cache of nothing, so that half-done pages are in the files indeed.
    try connection.database.execute("PRAGMA cache_size=1")
    connection.pace.limit = 3
    let file = FakeFile()
    var committed = 0
    for round in 0..<8 {
      let lines = (0..<40).map {
        (Array("line \(round) \($0) \(String(repeating: "x", count: 500))".utf8), [String?]())
      }
      let delivery = file.delivery(label, lines)
      try connection.transaction {
        let number = try connection.names.file("/f")
        try connection.matches.insert(delivery, pipeline: connection.names.pipeline("p"), file: number) {
          (_, error) throws(SQLiteError) in throw error
        }
        try expectCopy(named: "half\(round)", rows: committed)
        try connection.put(KeptCheckpoint(sink: "s", pipeline: "p", checkpoint: delivery.batch.checkpoint!))
      }
      committed += lines.count
      try expectCopy(named: "whole\(round)", rows: committed)
      let copy = StoreShelf().store(at: folder.path.appending("whole\(round)").appending("weir.db"))
      let checkpoints = try await copy.checkpoints(sink: "s", pipeline: "p")
      #expect(checkpoints == [delivery.batch.checkpoint!])
    }
  }

  private func expectCopy(named name: String, rows: Int) throws {
    #expect(shell("cd \(folder.path) && mkdir \(name) && cp weir.db weir.db-wal \(name)/").status == 0)
    let reader = Reader(folder.path.appending(name).appending("weir.db"))
    #expect(reader.rows("PRAGMA integrity_check") == [["ok"]])
    #expect(reader.column("SELECT count(*) FROM match") == ["\(rows)"])
    #expect(reader.column("SELECT count(*) FROM checkpoint") == [rows == 0 ? "0" : "1"])
  }
}
