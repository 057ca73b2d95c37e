import Glibc
import Testing

/// Compressed files: rotated copies, and those that are named themselves.
@Suite struct CompressedTests {
  private func gzip(_ name: String, in folder: Scratch) { #expect(folder.run("gzip", folder.file(name)) == 0) }

  @Test func `a compressed file that is named is searched as zgrep does`() throws {
    let folder = try Scratch()
    try folder.write("a.log", "one foo\nbar\n")
    gzip("a.log", in: folder)
    try folder.write("b.log", "two foo\n")
    gzip("b.log", in: folder)
    let weir = try Program(["follow", "a.log.gz", "b.log.gz", "--once", "-g", "foo"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    let expected = ["a.log.gz: one foo", "b.log.gz: two foo"].map { "\(folder.path)/\($0)" }
    #expect(weir.printed.split(separator: "\n").sorted() == expected.map { $0[...] } && weir.said == "")
    let last = try Program(["follow", "a.log.gz", "--once", "-n", "1"], in: folder)
    #expect(try last.awaitEnd() == 0 && last.printed == "bar\n")
    let glob = try Program(["follow", "*.gz", "--once"], in: folder)
    #expect(try glob.awaitEnd() == 0 && glob.printed == "")
  }

  @Test func `what is appended to a compressed file that is followed comes too`() throws {
    let folder = try Scratch()
    try folder.write("first", "old\n")
    try folder.write("second", "new\n")
    folder.run("sh", "-c", "cd \(folder.path) && gzip first second && cat first.gz > all.gz")
    let weir = try Program(["follow", "all.gz", "-n", "1"], in: folder)
    try weir.awaitOutput("old\n")
    folder.run("sh", "-c", "cd \(folder.path) && cat second.gz >> all.gz")
    try weir.awaitOutput("old\nnew\n")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  @Test func `a damaged file gives what can be had, a gap and status 1`() throws {
    let folder = try Scratch()
    try folder.write(
      "w.yaml", "pipelines: [{ name: all, follow: { path: a.log.gz, from: beginning }, broadcast: sqlite }]\n")
    try folder.write("a.log", "one\ntwo\n")
    gzip("a.log", in: folder)
    // The checksum, eight bytes before the end.
    folder.run("sh", "-c", "cd \(folder.path) && truncate -s -8 a.log.gz && printf 'wrongsum' >> a.log.gz")
    for _ in 0..<2 {
      let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
      #expect(try weir.awaitEnd() == 1)
      #expect(weir.said.contains("a.log.gz is damaged: incorrect data check; what its content has behind byte 8"))
    }
    #expect(try folder.query("SELECT line FROM matches ORDER BY id") == ["one", "two"])
    #expect(try folder.query("SELECT first, last, reason FROM gaps") == ["8|8|unreadable"])
  }

  private static let rotations = ["", "delaycompress", "dateext\n dateformat -%Y%m%d@", "olddir old"]

  /// The agent is killed at random, while logrotate compresses what it makes; the chain grows while it is down.
  ///
  /// It ends after some seconds, or after `WEIR_KILL_ROUNDS` kills; `WEIR_SEED` replays a run.
  @Test(arguments: rotations)
  func `kills between rotations that compress lose nothing and repeat nothing`(how: String) throws {
    let seed = getenv("WEIR_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0 ... .max)
    let rounds = getenv("WEIR_KILL_ROUNDS").flatMap { Int(String(cString: $0)) }
    var random = Seeded(state: seed)
    let (folder, journal) = (try Scratch(), AdversaryJournal())
    try folder.write("w.yaml", Self.config)
    mkdir(folder.file("old"), 0o755)
    // Seen once, and more of it than could be of any file: so much is promised.
    var written = 0
    try append(100, to: &written, in: folder)
    #expect(try Program(["run", "-c", "w.yaml", "--once"], in: folder).awaitEnd() == 0)
    let deadline = ContinuousClock.now + .seconds(6)
    for round in 0..<(rounds ?? 30) where rounds != nil || ContinuousClock.now < deadline {
      try live(round, how, &written, in: folder, journal, using: &random)
    }
    let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try weir.awaitEnd(seconds: 60) == 0 && !weir.said.contains("warning"), "seed \(seed): \(weir.said)")
    journal.note(weir.said)
    let numbers = try folder.query("SELECT number FROM \"all\" ORDER BY id")
    let counted = try folder.query("SELECT sum(value) FROM counts")
    let gaps = try folder.query("SELECT * FROM gaps")
    if numbers.count == written, Set(numbers).count == written, counted == ["\(written)"], gaps == [] { return }
    try folder.write("journal", journal.text)
    folder.isKept = true
    Issue.record(
      """
      seed \(seed), left in \(folder.path): \(numbers.count) rows, \(Set(numbers).count) lines of \(written), \
      \(counted) counted, gaps: \(gaps)
      """)
  }

  private static let config = """
    log: { level: debug }
    pipelines:
      - name: all
        follow: { path: app.log, from: beginning, rotated: old }
        broadcast: [sqlite, counter]
        grep: '^(?<number>\\d+) '

    """

  /// One life of the agent, in which lines are written and the file is rotated; it ends somewhere in it.
  private func live(
    _ round: Int, _ how: String, _ written: inout Int, in folder: Scratch, _ journal: AdversaryJournal,
    using random: inout Seeded
  ) throws {
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    journal.note("start \(round), \(written) lines")
    // Where others need the machine, a start takes long: each rotated copy is looked into.
    if round % 3 != 0 {
      try folder.awaitRows(["1"], "SELECT count(*) >= \(written / 2) FROM match", seconds: 60)
    }
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      try append(Int.random(in: 0...3000, using: &random), to: &written, in: folder)
      if Bool.random(using: &random) {
        weir.signal(SIGKILL)
        journal.note("kill, \(written) lines")
      }
      if Int.random(in: 0...3, using: &random) > 0 {
        try rotate(how, in: folder, number: 1000 + written)
        journal.note("rotated")
      }
    }
    weir.signal(SIGKILL)
    journal.note("kill, \(written) lines")
    try weir.awaitEnd()
    journal.note(weir.said)
  }

  private func append(_ count: Int, to written: inout Int, in folder: Scratch) throws {
    try folder.append("app.log", (written..<written + count).map { "\($0) and some more\n" }.joined())
    written += count
  }

  private func rotate(_ how: String, in folder: Scratch, number: Int) throws {
    try folder.write(
      "rotate.conf",
      """
      \(folder.file("app.log")) {
       rotate 1000
       create
       compress
       \(how.replacing("@", with: "\(number)"))
      }

      """)
    folder.run("/usr/sbin/logrotate", "-f", "-s", folder.file("state"), folder.file("rotate.conf"))
  }
}
