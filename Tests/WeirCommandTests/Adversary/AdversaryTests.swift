import Glibc
import Testing

/// logrotate, each of its modes again and again, under a writer that does not wait, while the agent is killed at
/// random: nothing is lost but what logrotate itself loses, and nothing comes twice.
///
/// `Tests/Adversary/run` runs it long; it sets the variables that are read here.
@Suite(.serialized) struct AdversaryTests {
  static let config = """
    log: { level: debug }
    pipelines:
      - name: all
        follow: { path: app.log, from: beginning, rotated: old }
        broadcast: [sqlite, counter]

    """

  static let modes = RotationMode.allCases.filter { mode in
    variable("WEIR_ADVERSARY_MODES").map { $0.split(separator: " ").contains(mode.rawValue[...]) } ?? true
  }

  @Test(arguments: modes) func `logrotate, a busy writer and kills`(mode: RotationMode) throws {
    let seed = Self.variable("WEIR_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0 ... .max)
    let folder = try Scratch()
    let row = try Self.attack(mode, in: folder, seed: seed)
    try Self.report(row.description)
    let findings = row.findings
    if !findings.isEmpty {
      folder.isKept = true
      Issue.record("\(mode.rawValue), seed \(seed), left in \(folder.path): \(findings.joined(separator: "; "))")
    }
  }

  private static func attack(_ mode: RotationMode, in folder: Scratch, seed: UInt64) throws -> AdversaryRow {
    var random = Seeded(state: seed)
    let interval = max(mode.shortestInterval, .milliseconds(number("WEIR_ADVERSARY_INTERVAL", else: 300)))
    try folder.write("w.yaml", config)
    try folder.write("rotate.conf", mode.config(in: folder))
    mkdir(folder.file("old"), 0o755)
    let writer = try LogWriter(
      in: folder, linesPerSecond: number("WEIR_ADVERSARY_RATE", else: 5000),
      lateLimit: mode.allowsLateWriter ? interval * (mode.endsLateWriter ? 0.5 : 2) : nil)
    try beginOrderly(writer, in: folder)
    let journal = AdversaryJournal()
    let agent = KilledAgent(in: folder, interval: interval, journal: journal)
    let rotations = RotationRuns(in: folder, every: interval, journal: journal)
    writer.start()
    let begun = ContinuousClock.now
    let end = begun + .seconds(number("WEIR_ADVERSARY_SECONDS", else: 4))
    while ContinuousClock.now < end || rotations.isRunning {
      try writer.write(using: &random)
      if try writer.answer(using: &random) { journal.note("reopened before line \(writer.written)") }
      rotations.reap()
      if ContinuousClock.now < end, !mode.endsLateWriter || !writer.isLate { try rotations.startIfDue() }
      try agent.step(using: &random)
      writer.pause()
    }
    try writer.finish()
    let seconds = (ContinuousClock.now - begun) / .seconds(1)
    try agent.end()
    let last = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try last.awaitEnd(seconds: 300) == 0, "seed \(seed): \(last.said)")
    journal.note("weir --once said:\n\(last.said)")
    try folder.write("journal", journal.text)
    return try row(mode, in: folder, writer, kills: agent.kills, rotations: rotations.count, seconds: seconds)
  }

  /// The file has been seen once: so much is promised. What was empty then could not be told from others.
  private static func beginOrderly(_ writer: LogWriter, in folder: Scratch) throws {
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try writer.begin()
    try folder.awaitRows(["\(writer.written)"], "SELECT count(*) FROM match")
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }

  private static func row(
    _ mode: RotationMode, in folder: Scratch, _ writer: LogWriter, kills: Int, rotations: Int, seconds: Double
  ) throws -> AdversaryRow {
    var (left, stored) = (LineCensus(of: writer.written), LineCensus(of: writer.written))
    try left.add(filesOf: folder)
    try stored.add(storeOf: folder)
    let numbers = 0..<writer.written
    let missing = numbers.filter { stored.counts[$0] == 0 }
    return AdversaryRow(
      mode: mode, written: writer.written, stored: stored.counts.reduce(0) { $0 + Int($1) },
      lost: missing.filter { left.counts[$0] > 0 }, twice: numbers.filter { stored.counts[$0] > 1 },
      lostByRotation: missing.count { left.counts[$0] == 0 }, torn: stored.torn,
      gaps: try folder.query("SELECT first, last, reason FROM gaps"),
      counted: Int(try folder.query("SELECT sum(value) FROM counts").first ?? "") ?? 0,
      kills: kills, rotations: rotations, linesPerSecond: Int(Double(writer.written) / seconds))
  }

  /// Adds a row to the file that is named, where one is.
  private static func report(_ row: String) throws {
    print(row)
    guard let path = variable("WEIR_ADVERSARY_REPORT") else { return }
    let file = try #require(fopen(path, "a"))
    if ftell(file) == 0 { fputs(AdversaryRow.heading + "\n", file) }
    fputs(row + "\n", file)
    fclose(file)
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  private static func number(_ name: String, else ordinary: Int) -> Int {
    variable(name).flatMap { Int($0) } ?? ordinary
  }
}
