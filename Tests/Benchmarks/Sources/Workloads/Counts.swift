import Glibc

/// What the program takes per million lines, counted and not timed, so that it is the same on a busy machine.
///
/// Instructions and allocations are counted by callgrind, which gives the program a processor of its own; calls of the
/// system by strace. Each is the difference between a long log and a short one, so that the start is not in it.
struct Counts {
  private struct Work {
    let name: String
    let pattern: Config.Pattern?
    let sink: String
    /// Of the long log. Where little is done for a line there are more of them, so that what differs from run to run,
    /// as the threads meet, is a small part.
    var lines = 640_000
    /// Of which the least counts: on a busy machine it gives way more often, as that depends on time.
    var runs = 2
  }

  private static let works = [
    Work(name: "follow", pattern: Config.Pattern(text: "zz_end_of_corpus_zz"), sink: "\"printer\""),
    Work(name: "grep", pattern: CatchUp.regex, sink: "\"counter\""),
    Work(name: "store", pattern: nil, sink: "\"sqlite\"", lines: 240_000, runs: 1),
    Work(name: "whole", pattern: CatchUp.regex, sink: "[\"printer\", \"sqlite\", \"counter\"]"),
  ]

  private static let shortLines = 40_000
  /// Calls are few, and traced at speed.
  private static let tracedLines = 1_040_000

  let bench: Bench

  /// - Returns: figures per million lines, and their names: `grep instructions`.
  func measure() throws -> [(name: String, figure: Double)] {
    // valgrind cannot read the debug information that Swift writes.
    let program = bench.scratch.path("weir")
    _ = try Run(Command("strip", "--strip-debug", "-o", program, bench.weir))
    return try Self.works.flatMap { work in
      complain("\(work.name) ...")
      let (short, long) = (
        try profile(work, program, lines: Self.shortLines), try profile(work, program, lines: work.lines)
      )
      let calls = try (trace(work, program, lines: Self.shortLines), trace(work, program, lines: Self.tracedLines))
      let millions = Double(work.lines - Self.shortLines) / 1e6
      return [
        ("\(work.name) instructions", (long.instructions - short.instructions) / millions),
        ("\(work.name) allocations", (long.allocations - short.allocations) / millions),
        ("\(work.name) calls", (calls.1 - calls.0) / Double(Self.tracedLines - Self.shortLines) * 1e6),
      ]
    }
  }

  private func profile(_ work: Work, _ program: String, lines: Int) throws -> Callgrind {
    let output = bench.scratch.path("callgrind")
    let counted = try (0..<work.runs).map { _ in
      try run(work, program, lines: lines, under: ["valgrind", "--tool=callgrind", "--callgrind-out-file=\(output)"])
      return try Callgrind(output: text(of: output))
    }
    return counted.min { ($0.allocations, $0.instructions) < ($1.allocations, $1.instructions) }!
  }

  /// Without those that wait, as their number depends on who is faster.
  private func trace(_ work: Work, _ program: String, lines: Int) throws -> Double {
    let output = bench.scratch.path("strace")
    try run(work, program, lines: lines, under: ["strace", "-c", "-f", "-q", "-o", output])
    let calls = try SystemCalls(summary: text(of: output))
    return ["futex", "epoll_wait"].reduce(calls.total) { $0 - (calls.counts[$1] ?? 0) }
  }

  private func run(_ work: Work, _ program: String, lines: Int, under tool: [String]) throws {
    let log = try bench.corpus("lines-\(lines)", ["lines", "\(lines)", "2"])
    let folder = try bench.scratch.empty("counts")
    let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: work.pattern, sink: work.sink)
    var command = try bench.agent(Config(database: folder.path("weir.db"), pipelines: [pipeline]), in: folder)
    command.words = tool + [program] + command.words.dropFirst()
    command.environment = ["SWIFT_DETERMINISTIC_HASHING": "1"]
    _ = try Run(command)
  }
}
