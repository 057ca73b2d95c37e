import Glibc
import Testing

/// What holds while more is written than is read: a stop is quick, and reloads lose and repeat nothing.
@Suite(.serialized) struct LoadTests {
  /// From SIGTERM to the end: under a second on a machine that is not busy, built optimised; built for debugging, and
  /// beside other tests, it is given three.
  @Test func `a stop under full load commits and ends at once`() throws {
    let folder = try Scratch()
    try folder.write(
      "w.yaml", "pipelines: [{ name: all, follow: { path: app.log, from: beginning }, broadcast: sqlite }]\n")
    // Faster than it is read, and some 170 MB at most.
    let writer = try ShellChild("exec seq 20000000 >> \(folder.file("app.log"))")
    var stored = 0
    var longest = Duration.zero
    for _ in 0..<5 {
      let weir = try Program(["run", "-c", "w.yaml"], in: folder)
      try folder.awaitRows(["1"], "SELECT max(id) > \(stored + 10_000) FROM match")
      let begun = ContinuousClock.now
      weir.signal(SIGTERM)
      #expect(try weir.awaitEnd() == 0, "\(weir.said)")
      longest = max(longest, .now - begun)
      #expect(weir.said == "")
      stored = Int(try folder.query("SELECT max(id) FROM match").first ?? "") ?? 0
    }
    writer.end()
    print("the longest of five stops under full load took \(longest)")
    #expect(longest < .seconds(3))
    let lines = try folder.query(
      "SELECT count(*), count(DISTINCT line), min(CAST(line AS INTEGER)), max(CAST(line AS INTEGER)) FROM match")
    #expect(lines == ["\(stored)|\(stored)|1|\(stored)"])
    #expect(try folder.query("SELECT * FROM gaps") == [])
  }

  /// In each `all` stays as it is, but for a sink; what comes and goes is read on where it was.
  private static let configs = [
    "{ name: all, follow: { path: app.log, from: beginning }, broadcast: sqlite }",
    """
    { name: all, follow: { path: app.log, from: beginning }, broadcast: [sqlite, counter] },
      { name: more, follow: { path: app.log, from: beginning }, grep: { exclude: nothing }, broadcast: sqlite }
    """,
    """
    { name: more, follow: { path: app.log, from: beginning }, grep: { exclude: nothing }, broadcast: sqlite },
      { name: all, follow: { path: app.log, from: beginning }, broadcast: sqlite }
    """,
  ]

  @Test func `a hundred reloads a second under load lose and repeat nothing`() throws {
    let folder = try Scratch()
    try configure(folder, 1)
    let weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try folder.awaitStart(pipelines: 2)
    var (written, round) = (0, 0)
    let begun = ContinuousClock.now
    while ContinuousClock.now - begun < .seconds(3) {
      round += 1
      try folder.append("app.log", (written..<written + 40).map { "\($0) and so on\n" }.joined())
      written += 40
      try configure(folder, round % 3)
      weir.signal(SIGHUP)
      _ = weir.ends(within: 0)  // takes what it says
      poll(nil, 0, 10 - Int32((ContinuousClock.now - begun) / .milliseconds(1)) % 10)  // the next hundredth
    }
    try configure(folder, 1)
    weir.signal(SIGHUP)
    for pipeline in ["all", "more"] {
      try folder.awaitRows(["\(written)"], "SELECT count(*) FROM \(pipeline == "all" ? "\"all\"" : pipeline)")
    }
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
    let reloads = weir.said.split(separator: "\n").count { $0.contains("took the config") }
    print("\(round) signals, \(reloads) reloads, \(written) lines")
    #expect(reloads > 20 && !weir.said.contains("warning") && !weir.said.contains("error"), "\(weir.said.suffix(2000))")
    for pipeline in ["\"all\"", "more"] {
      let lines = try folder.query("SELECT line FROM \(pipeline) ORDER BY id")
      #expect(lines == (0..<written).map { "\($0) and so on" }, "\(pipeline): \(lines.count) of \(written)")
    }
    let counted = Int(try folder.query("SELECT ifnull(sum(value), 0) FROM counts").first ?? "") ?? .max
    #expect(counted <= written)
    #expect(try folder.query("SELECT * FROM gaps") == [])
  }

  /// Puts a config in place at once, so that none is read half.
  private func configure(_ folder: Scratch, _ number: Int) throws {
    try folder.write("next.yaml", "pipelines: [\(Self.configs[number])]\n")
    #expect(rename(folder.file("next.yaml"), folder.file("w.yaml")) == 0)
  }
}
