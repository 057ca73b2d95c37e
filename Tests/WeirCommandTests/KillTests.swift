import Glibc
import Testing

/// SIGKILL at random moments of a growing log: every matching line is in the store once and only once.
///
/// `WEIR_KILL_ROUNDS` sets how many kills, `WEIR_SEED` replays a run.
@Suite struct KillTests {
  static let config = """
    pipelines:
      - name: hits
        follow: { path: app.log, from: beginning }
        grep: 'hit (?<number>\\d+)'
        broadcast: [sqlite, { counter: { by: [number] } }]

    """

  @Test func `kills lose nothing and repeat nothing`() throws {
    let rounds = Int(variable("WEIR_KILL_ROUNDS") ?? "") ?? 100
    let seed = UInt64(variable("WEIR_SEED") ?? "") ?? UInt64.random(in: 0 ... .max)
    var random = Seeded(state: seed)
    let folder = try Scratch()
    try folder.write("w.yaml", Self.config)
    try folder.write("app.log", "")
    var written = 0
    for round in 0..<rounds {
      let weir = try Program(["run", "-c", "w.yaml"], in: folder)
      let before = written / 2
      try folder.append("app.log", lines(from: &written, using: &random))
      // Most kills hit an agent that is at work: it has begun to store what is new, and more comes. Some hit its start.
      if round % 4 != 0 { try folder.awaitRows(["1"], "SELECT count(*) > \(before) FROM match") }
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        try folder.append("app.log", lines(from: &written, using: &random))
      }
      weir.signal(SIGKILL)
      try weir.awaitEnd()
    }
    let weir = try Program(["run", "-c", "w.yaml", "--once"], in: folder)
    #expect(try weir.awaitEnd() == 0)
    let expected = (0..<written / 2).map { "\($0 * 2)" }
    #expect(try folder.query("SELECT number FROM hits ORDER BY id") == expected, "seed \(seed)")
    #expect(try folder.query("SELECT sum(value) FROM counts") == ["\(written / 2)"], "seed \(seed)")
  }

  /// Every second line is a hit; now and then the last one of an append is cut in two.
  private func lines(from written: inout Int, using random: inout Seeded) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 1...40, using: &random) {
      text += "hit \(written) \(String(repeating: "x", count: Int.random(in: 0...200, using: &random)))\nmiss\n"
      written += 2
    }
    return text
  }

  private func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// SplitMix64, so that a seed replays on every machine.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
