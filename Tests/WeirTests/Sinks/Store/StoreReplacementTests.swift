import CLinux
import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// A database that is replaced while others read it, and what tells of that.
@Suite struct StoreReplacementTests {
  private let folder = StoreFolder()
  private let label = PipelineLabel(name: "p", fields: [])

  /// A backup that is put in a database's place must not be given the former one's `-wal`, which a reader keeps there.
  @Test func aBackupThatIsPutInPlaceDoesNotGetTheFormerWAL() async throws {
    let backup = folder.path.appending("backup.db")
    let other = StoreShelf().store(at: backup)
    try await other.write(FakeFile("/a", inode: 1).delivery(label, "from the backup"), sink: "s")
    await other.close()
    let log = LogRecord()
    let store = StoreShelf(log: log.logger).store(at: folder.database)
    let file = FakeFile("/b", inode: 2)
    try await store.write(file.delivery(label, "lost"), sink: "s")
    let reader = Reader(folder.database)
    reader.run("BEGIN")
    #expect(reader.column("SELECT line FROM match") == ["lost"])
    for number in 0..<20 { try await store.write(file.delivery(label, "lost \(number)"), sink: "s") }
    #expect(shell("cd \(folder.path) && mv backup.db weir.db").status == 0)
    let new = file.delivery(label, "new")
    try await untilUnlocked { try await store.write(new, sink: "s") }
    let later = Reader(folder.database)
    #expect(later.rows("PRAGMA integrity_check") == [["ok"]])
    #expect(later.column("SELECT line FROM matches ORDER BY id") == ["from the backup", "new"])
    #expect(later.column("SELECT path FROM checkpoint JOIN file ON file.id = file ORDER BY path") == ["/a", "/b"])
    #expect(log.all.count == 1)
    withExtendedLifetime(reader) {}
  }

  @Test func theLockIsTakenAgainWithTheDatabase() async throws {
    let store = StoreShelf().store(at: folder.database)
    try await store.open()
    #expect(shell("rm \(folder.database)*").status == 0)
    #expect(try await untilUnlocked { try await store.look() })
    #expect(throws: Failure.self) { _ = try StoreLock(for: folder.database) }
    #expect(try await !store.look(), "nothing has changed")
    await store.close()
    #expect(try await !store.look(), "nobody looks after a store that is closed")
    _ = try await untilUnlocked { try StoreLock(for: folder.database) }
  }

  @Test func theWatchIsWokenByLossAlone() throws {
    let store = StoreShelf().store(at: folder.database)
    try Scheduler().run { [folder, label] in
      let file = FakeFile()
      try await store.write(file.delivery(label, "a"), sink: "s")
      let events = try Inotify()
      let watch = StoreWatch(folder.database, by: events)
      try watch.arm()
      for number in 0..<50 { try await store.write(file.delivery(label, "\(number)"), sink: "s") }
      Reader(folder.database).run("PRAGMA wal_checkpoint(TRUNCATE)")
      #expect(shell("cd \(folder.path) && touch a && mv a b && rm b && mkdir c && rmdir c").status == 0)
      #expect(try events.events() == [], "neither by what is stored nor by strangers in the folder")
      try watch.arm()
      #expect(try events.events() == [], "nor by being armed again")
      for loss in ["mv weir.db other.db", "mv other.db weir.db && rm weir.db"] {
        try watch.arm()
        #expect(shell("cd \(folder.path) && \(loss)").status == 0)
        #expect(try !events.events().isEmpty, "\(loss)")
      }
      try watch.arm()
      #expect(shell("mv \(folder.path) \(folder.path).x && mv \(folder.path).x \(folder.path)").status == 0)
      #expect(try !events.events().isEmpty, "the folder")
    }
  }
}
