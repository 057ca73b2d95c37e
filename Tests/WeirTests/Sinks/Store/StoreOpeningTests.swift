import Glibc
import SystemPackage
import Testing

@testable import Weir

@Suite(.serialized) struct StoreOpeningTests {
  private let folder = StoreFolder()
  private let label = PipelineLabel(name: "p", fields: [])

  private func openStore() -> Store { StoreShelf().store(at: folder.database) }

  private func files(_ format: String) -> [String] {
    shell("cd \(folder.path) && stat -c '\(format)' weir.db weir.db-wal weir.db-shm").output.split(separator: "\n").map
    {
      String($0)
    }
  }

  @Test(arguments: [mode_t(0o077), 0o000]) func filesAreMadeForTheGroupToReadWhateverTheUmask(mask: mode_t) async throws
  {
    let store = openStore()
    let before = umask(mask)
    let outcome = Result { try LinuxDisk().create(folder.database) }
    umask(before)
    #expect(try outcome.get())
    try await store.write(FakeFile().delivery(label, "a"), sink: "s")
    #expect(files("%a") == ["640", "640", "640"])
    await store.close()
    #expect(files("%a %n") == ["640 weir.db", "640 weir.db-wal", "640 weir.db-shm"], "they stay")
  }

  @Test func theOwnersRightsOfAFileThatIsThereAreLeftAlone() async throws {
    #expect(shell("touch \(folder.database); chmod 600 \(folder.database)").status == 0)
    try await openStore().open()
    #expect(files("%a") == ["600", "600", "600"])
  }

  @Test(.enabled(if: geteuid() == 0, "gives files to another group"))
  func aMemberOfTheGroupReadsWhileTheAgentRunsAndAfter() async throws {
    #expect(shell("chmod 2750 \(folder.path); chgrp 65534 \(folder.path); chmod g+s \(folder.path)").status == 0)
    let store = openStore()
    try await store.write(FakeFile().delivery(label, "a", "b"), sink: "s")
    let ask =
      "setpriv --reuid=65534 --regid=65534 --clear-groups "
      + "sqlite3 -readonly \(folder.database) 'SELECT count(*) FROM matches' 2>&1"
    #expect(shell(ask).output == "2\n")
    await store.close()
    #expect(shell(ask).output == "2\n")
  }

  @Test func anOlderSchemaIsMigratedAndANewerOneRefused() async throws {
    let old = Store(path: folder.database, log: LogRecord().logger)
    try await old.write(FakeFile().delivery(label, "kept"), sink: "s")
    await old.close()
    let next = Schema(steps: Schema.current.steps + ["ALTER TABLE match ADD COLUMN extra; CREATE TABLE more(x)"])
    let newer = Store(path: folder.database, schema: next, log: LogRecord().logger)
    try await untilUnlocked { try await newer.open() }
    await newer.close()
    let reader = Reader(folder.database)
    #expect(reader.rows("SELECT line, extra FROM match") == [["kept", "NULL"]])
    #expect(reader.rows("SELECT value FROM meta WHERE key = 'schema'") == [["\(next.version)"]])

    let failure = await #expect(throws: Failure.self) { try await untilUnlocked { try await old.open() } }
    let versions = "schema \(next.version), this one knows \(next.version - 1)"
    #expect(failure?.cause == "it was made by a newer weir (\(versions))")
    #expect(reader.rows("SELECT value FROM meta WHERE key = 'schema'") == [["\(next.version)"]])
  }

  /// A pipeline may have any name that no table has.
  @Test func aPipelinesNameIsInNoMigrationsWay() async throws {
    let fourth = Schema(steps: Array(Schema.current.steps.prefix(4)))
    _ = try LinuxDisk().create(folder.database)
    let reader = Reader(folder.database)
    for step in fourth.steps { reader.run("PRAGMA journal_mode=WAL; \(step)") }
    reader.run("INSERT INTO meta VALUES('schema', 4); CREATE VIEW \"gap before\" AS SELECT * FROM matches")
    let store = openStore()
    try await store.register([label])
    #expect(reader.rows("SELECT value FROM meta WHERE key = 'schema'") == [["\(Schema.current.version)"]])
    #expect(reader.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'gap%before'") == [["gap before"]])
    await store.close()
  }

  /// What version 1 had is there in the next, ages and plans empty, and is gone on with.
  @Test func version1IsMigratedWithAllThatIsInIt() async throws {
    let first = Schema(steps: Array(Schema.current.steps.prefix(1)))
    _ = try LinuxDisk().create(folder.database)
    let reader = Reader(folder.database)
    for step in first.steps { reader.run("PRAGMA journal_mode=WAL; \(step)") }
    reader.run(
      """
      INSERT INTO meta VALUES('schema', 1); INSERT INTO pipeline(name, started) VALUES('p', 1);
      INSERT INTO file(path, raw) VALUES('/var/log/auth.log', x'');
      INSERT INTO match(time, pipeline, file, offset, truncated, line) VALUES(1, 1, 1, 0, 0, 'kept');
      INSERT INTO checkpoint VALUES('s', 1, -2, 7, 1, 4, 5, 5, 2, 9);
      INSERT INTO gap(time, pipeline, file, device, inode, first, last, reason)
        VALUES(1, 1, 1, -2, 7, 2, 3, 'truncated');
      CREATE VIEW mine AS SELECT count(*) FROM gap
      """)
    let store = openStore()
    let found = try await store.checkpoints(sink: "s", pipeline: "p")
    #expect(found.map(\.offset) == [5] && found.map(\.identity) == [FakeFile().origin.identity])
    #expect(try await store.hasRunBefore("p"))
    try await store.write(FakeFile(at: 5).delivery(label, "new"), sink: "s")
    #expect(reader.column("SELECT line FROM matches ORDER BY id") == ["kept", "new"])
    #expect(reader.rows("SELECT offset, touched > 1700000000000 FROM checkpoint") == [["9", "1"]])
    #expect(reader.column("SELECT plan FROM pipeline") == ["NULL"])
    #expect(reader.rows("SELECT pipeline, path, first, last FROM gaps") == [["p", "/var/log/auth.log", "2", "3"]])
    #expect(reader.column("SELECT * FROM mine") == ["1"])
    #expect(reader.column("SELECT value FROM meta WHERE key = 'schema'") == ["\(Schema.current.version)"])
    #expect(reader.column("SELECT length(value) FROM meta WHERE key = 'database'") == ["16"])
  }

  @Test func aMigrationThatFailsChangesNothing() async throws {
    let old = openStore()
    try await old.open()
    await old.close()
    let broken = Schema(steps: Schema.current.steps + ["CREATE TABLE more(x); SELECT * FROM nowhere"])
    await #expect(throws: Failure.self) {
      try await untilUnlocked {
        try await Store(path: folder.database, schema: broken, log: LogRecord().logger).open()
      }
    }
    let reader = Reader(folder.database)
    #expect(reader.rows("SELECT value FROM meta WHERE key = 'schema'") == [["\(Schema.current.version)"]])
    #expect(reader.rows("SELECT name FROM sqlite_schema WHERE name = 'more'") == [])
  }

  @Test(arguments: [
    "echo 'my diary, not a database' > weir.db",
    "head -c 100000 /dev/urandom > weir.db",
    "sqlite3 weir.db 'CREATE TABLE diary(day, words); INSERT INTO diary VALUES(1, 2)'",
    "sqlite3 weir.db \"CREATE TABLE meta(key, value); INSERT INTO meta VALUES('schema', 'x')\"",
    "sqlite3 weir.db \"CREATE TABLE meta(key, value); INSERT INTO meta VALUES('schema', 99)\"",
    "sqlite3 weir.db 'CREATE TABLE meta(a)'",
    "sqlite3 weir.db 'CREATE TABLE a(x); CREATE TABLE b(x); CREATE TABLE c(x)'; truncate -s 4096 weir.db",
  ])
  func whatIsNotOursIsRefusedAndLeftAsItIs(make: String) async throws {
    #expect(shell("cd \(folder.path) && \(make)").status == 0)
    let sum = shell("md5sum < \(folder.database)").output
    let store = openStore()
    for _ in 1...2 {
      let error = await #expect(throws: StoreError.self) { try await store.tryOpen() }
      #expect(error?.isPassing == false)
      #expect(error?.failure.help != nil)
    }
    await store.close()
    #expect(shell("md5sum < \(folder.database)").output == sum)
  }

  @Test func aMissingFolderIsWaitedForAndAFolderIsNoDatabase() async throws {
    let store = StoreShelf().store(at: folder.path.appending("later").appending("weir.db"))
    let error = await #expect(throws: StoreError.self) { try await store.tryOpen() }
    #expect(error?.isPassing == true)
    #expect(shell("mkdir \(folder.path)/later").status == 0)
    try await store.open()
    let asFolder = await #expect(throws: StoreError.self) { try await StoreShelf().store(at: folder.path).tryOpen() }
    #expect(asFolder?.isPassing == false)
  }

  @Test func spellingsOfAPathAreOneStore() async throws {
    #expect(shell("cd \(folder.path) && mkdir real && ln -s real link && ln -s real/weir.db direct.db").status == 0)
    let shelf = StoreShelf()
    let store = shelf.store(at: folder.path.appending("real").appending("weir.db"))
    #expect(shelf.store(at: folder.path.appending("link").appending("weir.db")) === store)
    #expect(shelf.store(at: FilePath("\(folder.path)/link/../real/./weir.db")) === store)
    #expect(shelf.store(at: folder.path.appending("direct.db")) === store, "a link to what is not there yet")
    #expect(shelf.store(at: folder.path.appending("other.db")) !== store)
    try await store.open()
    #expect(shelf.store(at: folder.path.appending("direct.db")) === store)
    await shelf.closeAll()
  }

  @Test(arguments: [
    "rm weir.db", "rm weir.db*", "mv weir.db old.db", "cp weir.db x && mv x weir.db", "rm weir.db; touch weir.db",
  ])
  func aDatabaseThatVanishesIsMadeAnewWithWhatIsKnown(how: String) async throws {
    let log = LogRecord()
    let store = StoreShelf(log: log.logger).store(at: folder.database)
    try await store.register([label])
    try await store.markStarted(["p"])
    let quiet = FakeFile("/quiet", inode: 1)
    try await store.write(quiet.delivery(label, "first"), sink: "s")
    #expect(shell("cd \(folder.path) && \(how)").status == 0)
    let second = FakeFile("/busy", inode: 2).delivery(label, "second")
    try await untilUnlocked { try await store.write(second, sink: "s") }
    let reader = Reader(folder.database)
    #expect(reader.rows("SELECT line FROM p ORDER BY id DESC LIMIT 1") == [["second"]])
    #expect(reader.rows("PRAGMA integrity_check") == [["ok"]])
    #expect(try await store.hasRunBefore("p"))
    #expect(Set(try await store.checkpoints(sink: "s", pipeline: "p").map(\.path)) == ["/quiet", "/busy"])
    #expect(log.all.count == 1)
    #expect(log.all.first?.contains("was deleted or replaced") == true)
    #expect(files("%a").first == (how.contains("touch") ? "644" : "640"))
  }

  @Test func theLockIsHeldByOneAgentAndLetGoAtItsEnd() throws {
    var lock: StoreLock? = try StoreLock(for: folder.database)
    let failure = #expect(throws: Failure.self) {
      _ = try StoreLock(for: folder.path.appending(".").appending("weir.db"))
    }
    #expect(failure?.what == "already running as pid \(getpid())")
    let other = "flock --nonblock --conflict-exit-code 9 \(folder.database).lock true"
    #expect(shell(other).status == 9, "another process is refused too")
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(shell(other).status == 0)
    _ = try StoreLock(for: folder.database)
    #expect(throws: Failure.self) { _ = try StoreLock(for: "/nonexistent/weir.db") }
  }

  @Test func theLockOfAnotherProcessEndsWithIt() throws {
    let lockFile = "\(folder.database).lock"
    // A process that takes the lock, says so, and is killed.
    let holder = popen("exec 9>>\(lockFile); flock 9; echo $$ >&9; echo $$; exec sleep 1000", "r")!
    var line = [CChar](repeating: 0, count: 32)
    fgets(&line, 32, holder)
    let pid = pid_t(String(decoding: line.prefix { $0 != 10 }.map { UInt8($0) }, as: UTF8.self))!
    let failure = #expect(throws: Failure.self) { _ = try StoreLock(for: folder.database) }
    #expect(failure?.what == "already running as pid \(pid)")
    kill(pid, SIGKILL)
    pclose(holder)
    _ = try StoreLock(for: folder.database)
  }
}
