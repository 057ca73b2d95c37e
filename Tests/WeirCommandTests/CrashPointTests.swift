import Glibc
import Testing

/// SIGKILL at each named place of the code that stores: whatever was done by then, each matching line is in the store
/// and in the counter once and only once after the next run, and was printed at least once.
@Suite struct CrashPointTests {
  /// How a run comes to a place.
  enum Way: Sendable {
    /// Lines are stored as they are appended; the place is met for the n-th time.
    case run([Int])
    /// The agent is asked to stop.
    case stop
    /// The database is removed under the agent.
    case removal
    /// The database is of version 1.
    case migration
    /// So much is stored that the `-wal` is emptied.
    case flood
  }

  static let places: [(name: String, way: Way)] = [
    ("store.file_made", .run([1])),
    ("schema.before_begin", .run([1])),
    ("schema.before_begin", .migration),
    ("schema.before_commit", .run([1])),
    ("schema.before_commit", .migration),
    ("schema.after_commit", .run([1])),
    ("schema.after_commit", .migration),
    ("store.before_begin", .run(Array(1...12))),
    ("store.after_rows", .run([1, 2, 3, 4])),
    ("store.before_commit", .run(Array(1...12))),
    ("store.after_commit", .run(Array(1...12))),
    ("book.before_write", .run([1, 2])),
    ("book.after_write", .run([1, 2])),
    ("printer.after_write", .run([1, 2, 3])),
    ("store.before_close", .stop),
    ("store.after_close", .stop),
    ("store.before_restore", .removal),
    ("store.in_restore", .removal),
    ("store.after_restore", .removal),
    ("store.before_wal_checkpoint", .flood),
    ("store.after_wal_checkpoint", .flood),
  ]

  /// Makes a database of version 1 of one that was just made.
  static let version1 = """
    DROP TRIGGER checkpoint_became_former; DROP TABLE checkpoint_former;
    ALTER TABLE checkpoint DROP COLUMN done; ALTER TABLE checkpoint DROP COLUMN read;
    ALTER TABLE checkpoint DROP COLUMN touched; ALTER TABLE pipeline DROP COLUMN plan;
    DELETE FROM meta WHERE key = 'database'; UPDATE meta SET value = 1 WHERE key = 'schema'
    """

  static let moments: [(place: String, time: Int, way: Way)] = places.flatMap { name, way in
    if case .run(let times) = way { return times.map { (name, $0, way) } }
    return [(name, 1, way)]
  }

  static let config = """
    pipelines:
      - name: hits
        follow: { path: app.log, from: beginning }
        grep: 'hit (?<number>\\d+)'
        broadcast: [sqlite, counter, printer]

    """

  /// The log that grows, and what it has so far.
  private final class Log {
    let folder: Scratch
    private(set) var count = 0

    init() throws {
      folder = try Scratch()
      try folder.write("w.yaml", CrashPointTests.config)
      try grow()
    }

    func grow(by more: Int = 7, padding: String = "") throws {
      try folder.append("app.log", (count..<count + more).map { "hit \($0)\(padding)\nmiss\n" }.joined())
      count += more
    }
  }

  @Test(arguments: moments.indices) func `no place is a bad one to be killed at`(moment: Int) throws {
    let (place, time, way) = Self.moments[moment]
    let log = try Log()
    let folder = log.folder
    if case .migration = way {
      #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
      #expect(folder.run("sqlite3", folder.file("weir.db"), Self.version1) == 0)
      try log.grow()
    }
    let weir = try Program(["run", "-c", "w.yaml"], in: folder, environment: ["WEIR_CRASH_POINT": "\(place):\(time)"])
    let first = try bring(weir, to: way, with: log)
    #expect(try weir.awaitEnd() == 128 + SIGKILL, "\(place):\(time)")
    try log.grow()
    let next = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try next.awaitEnd() == 0, "\(place):\(time)")

    let stored = try folder.query("SELECT number FROM hits ORDER BY id").compactMap { Int($0) }
    let begin = stored.first ?? 0
    let isComplete = stored == Array(begin..<log.count)
    #expect(isComplete, "\(place):\(time): \(stored.count) lines from \(begin) on, of \(log.count)")
    #expect(begin == 0 || begin == first, "\(place):\(time)")
    #expect(try folder.query("SELECT sum(value) FROM counts") == ["\(stored.count)"], "\(place):\(time)")
    if case .migration = way { return }  // what was printed before is not printed again
    let printed = Set((weir.printed + next.printed).split(separator: "\n").map { $0.prefix { $0 != "x" } })
    #expect(printed.count == log.count, "\(place):\(time)")
  }

  /// Does what leads to the place until the process has ended.
  ///
  /// - Returns: which line has to be stored from, if a database that had the ones before was removed.
  private func bring(_ weir: Program, to way: Way, with log: Log) throws -> Int {
    var first = 0
    switch way {
    case .run, .migration: break
    case .flood: try log.grow(by: 60_000, padding: String(repeating: "x", count: 300))
    case .stop:
      try log.folder.awaitRows(["7"], "SELECT count(*) FROM matches")
      weir.signal(SIGTERM)
    case .removal:
      try log.folder.awaitRows(["7"], "SELECT count(*) FROM matches")
      try log.folder.awaitRows(["7"], "SELECT sum(value) FROM counts")
      for suffix in ["", "-wal", "-shm"] { unlink(log.folder.file("weir.db\(suffix)")) }
      first = log.count
    }
    for _ in 0..<500 where !weir.ends(within: 20) {
      if case .stop = way { continue }
      try log.grow()
    }
    return first
  }

  @Test func `every place in the code is tried`() throws {
    let folder = try Scratch()
    let sources = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Sources"
    let search = "grep -rhoE 'CrashPoint.reached\\(\"[^\"]+' \(sources) | cut -d'\"' -f2 | sort -u > found"
    #expect(folder.run("sh", "-c", "cd \(folder.path) && \(search)") == 0)
    #expect(try folder.read("found").split(separator: "\n").map(String.init) == Set(Self.places.map(\.name)).sorted())
  }
}
