/// W1: one log is read and searched from its beginning to its end, and what matches printed into a file.
struct CatchUp: Workload {
  let name: String
  let title: String
  let pattern: Config.Pattern
  let goal: Double
  /// Programs that are run beside it, where they are installed.
  let peers: [Peer]

  struct Peer {
    let name: String
    let words: [String]
  }

  static let regex = Config.Pattern(
    text: "(error|fatal|panic): (db|cache|queue)-[0-9]+ (unreachable|timed out)", isFixed: false, ignoresCase: true)

  static let all = [
    CatchUp(
      name: "W1", title: "fixed string, 0.1 %", pattern: Config.Pattern(text: "payment_gateway_timeout"), goal: 1.6,
      peers: [Peer(name: "grep", words: ["grep", "-F"]), Peer(name: "rg", words: ["rg", "-F"])]),
    CatchUp(
      name: "W1r", title: "regex, ignoring case, 1 %",
      pattern: regex,
      goal: 1.6, peers: [Peer(name: "grep", words: ["grep", "-Ei"]), Peer(name: "rg", words: ["rg", "-i"])]),
    CatchUp(
      name: "W1n", title: "no match but the last line", pattern: Config.Pattern(text: "zz_end_of_corpus_zz"),
      goal: 1.5, peers: [Peer(name: "grep", words: ["grep", "-F"]), Peer(name: "rg", words: ["rg", "-F"])]),
  ]

  func measure(on bench: Bench) throws -> [Row] {
    let log = try bench.mixedLog()
    let patterns = try bench.scratch.write(pattern.text + "\n", to: "patterns")
    var limit = bench.tool("scan", log, patterns, pattern.isFixed ? "strings" : "regexes")
    if pattern.ignoresCase { limit.words.append("caseless") }
    limit.errors = .nothing
    let commands = [("scan", limit)] + peers.filter { isInstalled($0.name) }.map { ($0.name, command(of: $0, log)) }
    let asksRsyslog = name == "W1" && isInstalled("rsyslogd")
    _ = try Run(Command("cat", log))  // into the page cache
    let (printed, other) = (bench.scratch.path("weir.out"), bench.scratch.path("other.out"))
    var (weir, others) = (Samples(), [Samples](repeating: Samples(), count: commands.count + (asksRsyslog ? 1 : 0)))
    for _ in 0..<bench.rounds {
      weir.add(try run(on: bench, log, into: printed))
      for (index, var command) in commands.map(\.1).enumerated() {
        command.output = .file(other)
        others[index].add(try Run(command))
        try bench.compare(printed, other)
      }
      guard asksRsyslog else { continue }
      let rsyslog = Rsyslog(bench: bench)
      others[commands.count].add(try rsyslog.catchUp(with: log, for: pattern, into: other, bytes: size(of: printed)))
      try bench.compare(printed, other)
    }
    return rows(weir, zip(commands.map(\.0) + ["rsyslog"], others).map { ($0, $1) })
  }

  private func run(on bench: Bench, _ log: String, into output: String) throws -> Run {
    let folder = try bench.scratch.empty("weir")
    let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: pattern, sink: "\"printer\"")
    var command = try bench.agent(Config(database: folder.path("weir.db"), pipelines: [pipeline]), in: folder)
    command.output = .file(output)
    return try Run(command)
  }

  private func command(of peer: Peer, _ log: String) -> Command {
    var command = Command()
    command.words = peer.words + (peer.name == "rg" ? ["-N", "--no-filename", "--color", "never"] : [])
    command.words += ["-e", pattern.text, log]
    command.environment = ["LC_ALL": "C"]
    return command
  }

  private func rows(_ weir: Samples, _ others: [(name: String, samples: Samples)]) -> [Row] {
    let title = "\(name) \(title)"
    return others.enumerated().flatMap { index, other in
      let goal = index == 0 ? Goal.times(goal) : .none
      return [
        Row(title, "wall", .seconds, weir.wallSeconds, beside: (other.name, other.samples.wallSeconds), goal: goal),
        Row(title, "CPU", .seconds, weir.cpuSeconds, beside: (other.name, other.samples.cpuSeconds), goal: goal),
      ]
    } + [Row(title, "peak RSS", .megabytes, weir.peakBytes, goal: .atMost(Bench.peakBytes))]
  }
}
