import Glibc
import Testing

/// A database that is not sound is refused with what is wrong and what to do, and never overwritten.
@Suite struct DatabaseDamageTests {
  static let config = """
    pipelines:
      - name: p
        follow: { path: a.log, from: beginning }
        grep: '(?<word>\\w+)'
        broadcast: [sqlite, { counter: { by: [word] } }]

    """

  /// What is done to `weir.db`, and what is said of it.
  static let damages: [(name: String, script: String, words: String)] = [
    ("header", "dd if=/dev/urandom of=weir.db bs=100 count=1 conv=notrunc", "file is not a database"),
    ("version", "sqlite3 weir.db \"UPDATE meta SET value = 99 WHERE key = 'schema'\"", "made by a newer weir"),
    ("schema", "dd if=/dev/urandom of=weir.db bs=1 seek=100 count=3000 conv=notrunc", "malformed"),
    ("match", Self.page("match"), "malformed"),
    ("checkpoint", Self.page("checkpoint"), "malformed"),
    ("count", Self.page("count"), "malformed"),
    ("half", "truncate -s 20000 weir.db", "malformed"),
    ("text", "echo 'my diary, not a database' > weir.db", "file is not a database"),
    ("foreign", "rm weir.db* && sqlite3 weir.db 'CREATE TABLE diary(day)'", "something else"),
    ("folder", "rm weir.db* && mkdir weir.db", "not a regular file"),
    ("device", "rm weir.db* && ln -s /dev/null weir.db", "not a regular file"),
  ]

  /// Overwrites the root page of a table.
  private static func page(_ table: String) -> String {
    """
    page=$(sqlite3 weir.db "SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'") && \
    dd if=/dev/urandom of=weir.db bs=8192 seek=$((page - 1)) count=1 conv=notrunc
    """
  }

  private func prepared() throws -> Scratch {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("a.log", (0..<2000).map { "line\($0) \(String(repeating: "y", count: 100))\n" }.joined())
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    return folder
  }

  private func shell(_ folder: Scratch, _ script: String) -> Int32 {
    folder.run("sh", "-c", "cd \(folder.path) && { \(script); } > /dev/null 2>&1")
  }

  /// Size, time and content of the database, and of a -wal that is not empty, into a file.
  private func note(_ folder: Scratch, _ name: String) {
    let words = "stat -c '%s %Y' weir.db; md5sum weir.db; test ! -s weir.db-wal || md5sum weir.db-wal"
    folder.run("sh", "-c", "cd \(folder.path) && { \(words); } > \(name) 2>&1")
  }

  @Test(arguments: damages.indices) func `damage is refused, said, and left as it is`(index: Int) throws {
    let (name, script, words) = Self.damages[index]
    let folder = try prepared()
    #expect(shell(folder, script) == 0)
    note(folder, "before")
    try folder.append("a.log", "one more\n")
    for _ in 1...2 {
      let weir = try Program(["run", "-c", "w.yaml"], in: folder)
      #expect(try weir.awaitEnd() == 1, "\(name)")
      #expect(weir.said.contains("cannot ") && weir.said.contains(words), "\(name): \(weir.said)")
      #expect(weir.said.contains("move it away, or name another database"), "\(name): \(weir.said)")
      #expect(weir.said.split(separator: "\n").count == 1, "\(name): \(weir.said)")
    }
    note(folder, "after")
    #expect(try folder.read("before") == folder.read("after"), "\(name)")
  }

  /// What a kill left in a -wal beside a database that was damaged since: neither is touched.
  @Test func `a damaged database keeps its -wal`() throws {
    let folder = try prepared()
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.append("a.log", "one more\n")
    try folder.awaitRows(["2001"], "SELECT count(*) FROM matches")
    weir.signal(SIGKILL)
    try weir.awaitEnd()
    #expect(shell(folder, "dd if=/dev/urandom of=weir.db bs=4096 seek=1 count=20 conv=notrunc") == 0)
    #expect(shell(folder, "test -s weir.db-wal") == 0)
    note(folder, "before")
    let next = try Program(["run", "-c", "w.yaml"], in: folder)
    #expect(try next.awaitEnd() == 1)
    #expect(next.said.contains("malformed"))
    note(folder, "after")
    #expect(try folder.read("before") == folder.read("after"))
  }

  @Test func `a database that was cut to nothing beside its -wal is refused`() throws {
    let folder = try prepared()
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.append("a.log", "one more\n")
    try folder.awaitRows(["2001"], "SELECT count(*) FROM matches")
    weir.signal(SIGKILL)
    try weir.awaitEnd()
    #expect(shell(folder, "truncate -s 0 weir.db && cp weir.db-wal before") == 0)
    let next = try Program(["run", "-c", "w.yaml"], in: folder)
    #expect(try next.awaitEnd() == 1)
    #expect(next.said.contains("it is empty, and its -wal is not"))
    #expect(shell(folder, "cmp weir.db-wal before && ! test -s weir.db") == 0)
  }

  @Test func `an empty file is a new database`() throws {
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("a.log", "one\n")
    try folder.write("weir.db", "")
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    #expect(try folder.query("SELECT line FROM matches") == ["one"])
  }
}
