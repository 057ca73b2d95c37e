import SystemPackage
import Testing

@testable import Weir

/// Whatever is done to a config, reading it ends, and each error stands within the file.
@Suite struct ConfigFuzzTests {
  private static let valid = """
    database: ${DB:-weir.db} # comment
    log: { level: info, format: "te\\u0078t" }
    sinks:
      console: &c { printer: { format: text, color: true } }
      archive: { sqlite: { path: archive.db, retention: { age: 30d, rows: 100, size: 2GiB } } }
    pipelines:
      - &one
        name: ssh
        follow:
          - /var/log/auth.log
          - { path: [/a/*.log, 'b''c'], exclude: "*.gz", from: end, max_line: 1MiB }
        grep:
          - match: 'Failed (?<user>\\S+) from (?<ip>\\S+)'
            ignore_case: true
          - |
            (?x) block
              pattern
          - exclude: [из, >-
              folded
              text
              ]
        broadcast: [console, sqlite, { counter: { by: [user] } }, { grep: root, broadcast: archive }]
      - { <<: *one, name: two }
    """

  private static let pieces = [
    "", " ", "\n", "\t", ":", ": ", "- ", "[", "]", "{", "}", "'", "\"", "\\", "&a ", "*a", "*one", "<<: ", "!x ",
    "|\n", ">\n",
    "#", "?", "%", "---\n", "...\n", "${", "${A}", "(", ")", "\u{0}", "\u{85}", "\u{2028}", "\u{feff}", "é", "日",
    "\u{1}",
    "\r\n", "\r", "\\x", "(?<n>", "counter", "grep: ", "broadcast: ",
  ]

  @Test func mutationsNeverCrashAndErrorsStandInTheFile() {
    var random = SplitMix(state: 20_260_601)
    var refused = 0
    for _ in 0..<1500 {
      var bytes = Array(Self.valid.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) { Self.mutate(&bytes, using: &random) }
      do throws(ConfigErrors) {
        _ = try ConfigFile.load("/f/weir.yaml", content: bytes, catalog: .test, environment: ["A": "x)y"]).describe()
      } catch {
        refused += 1
        check(error, of: bytes)
      }
    }
    #expect(refused > 500 && refused < 1500)
  }

  private static func mutate(_ bytes: inout [UInt8], using random: inout SplitMix) {
    let at = Int.random(in: 0..<bytes.count, using: &random)
    let end = min(bytes.count, at + Int.random(in: 0...12, using: &random))
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(at..<end)
    case 2: bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &random))
    case 3: bytes.replaceSubrange(at..<end, with: pieces.randomElement(using: &random)!.utf8)
    default: bytes.insert(contentsOf: pieces.randomElement(using: &random)!.utf8, at: at)
    }
    if bytes.isEmpty { bytes = [UInt8(ascii: "a")] }
  }

  private func check(_ error: ConfigErrors, of bytes: [UInt8]) {
    #expect(!error.problems.isEmpty)
    let lines = SourceText(name: "x", folder: "/", bytes: bytes).scalars.split(
      separator: "\n", omittingEmptySubsequences: false)
    for problem in error.problems {
      guard let line = problem.line, let column = problem.column else {
        Issue.record("no place: \(problem.message)")
        continue
      }
      #expect(lines.indices.contains(line - 1), "\(problem)")
      guard lines.indices.contains(line - 1) else { continue }
      #expect((1...(lines[line - 1].count + 1)).contains(column), "\(problem)")
      let shown = problem.message + problem.excerpt
      #expect(!shown.unicodeScalars.contains { $0.isHarmful && $0 != "\n" && $0 != "\t" }, "\(problem)")
    }
  }
}

/// SplitMix64: the same seed gives the same mutations.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
