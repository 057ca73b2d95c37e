import Glibc

/// W3: many patterns, each with its own pipeline and counter, on one log.
struct ManyPatterns: Workload {
  let name = "W3"

  private struct PatternSet {
    let kind: String
    let count: Int
    var weir = Samples()
    var limit = Samples()
    var databaseBytes = 0.0

    var title: String { "W3 \(count) \(kind == "strings" ? "fixed strings" : "regexes")" }
  }

  func measure(on bench: Bench) throws -> [Row] {
    var sets =
      [1, 10, 100, 1000].map { PatternSet(kind: "strings", count: $0) } + [PatternSet(kind: "regexes", count: 100)]
    _ = try Run(Command("cat", bench.mixedLog()))
    for _ in 0..<bench.rounds {
      for index in sets.indices { try run(&sets[index], on: bench) }
    }
    let rows = sets.flatMap { set in
      [
        Row(
          set.title, "wall", .seconds, set.weir.wallSeconds, beside: ("scan", set.limit.wallSeconds), goal: .times(2)),
        Row(set.title, "CPU", .seconds, set.weir.cpuSeconds, beside: ("scan", set.limit.cpuSeconds), goal: .none),
        Row(
          set.title, "peak RSS", .megabytes, set.weir.peakBytes, goal: .atMost(Bench.peakBytes + set.databaseBytes)),
      ]
    }
    let cost = Row(
      "W3 1,000 beside 1", "wall", .seconds, sets[3].weir.wallSeconds, beside: ("weir", sets[0].weir.wallSeconds),
      goal: .times(4))
    return rows + [cost]
  }

  private func run(_ set: inout PatternSet, on bench: Bench) throws {
    let log = try bench.mixedLog()
    let patterns = try bench.patterns(set.kind, set.count)
    let folder = try bench.scratch.empty("counts")
    let pipelines = patterns.enumerated().map { number, text in
      Config.Pipeline(
        name: "p\(number)", paths: [log], pattern: Config.Pattern(text: text, isFixed: set.kind == "strings"),
        sink: "\"counter\"")
    }
    let database = folder.path("weir.db")
    set.weir.add(try Run(bench.agent(Config(database: database, pipelines: pipelines), in: folder)))

    var scan = bench.tool("scan", log, bench.corpora.path("\(set.kind)-\(set.count)"), set.kind, "count")
    (scan.output, scan.errors) = (.file(folder.path("limit")), .file(folder.path("bytes")))
    set.limit.add(try Run(scan))
    set.databaseBytes = Double(try text(of: folder.path("bytes")).dropLast()) ?? 0
    let counted = try bench.query(
      "SELECT substr(pipeline, 2) + 0 AS number, sum(value) FROM counts GROUP BY 1 ORDER BY 1", of: database)
    let expected = try text(of: folder.path("limit"))
    guard counted == expected, !counted.isEmpty else { throw Failure("other counts than the limit's:\n\(counted)") }
  }
}
