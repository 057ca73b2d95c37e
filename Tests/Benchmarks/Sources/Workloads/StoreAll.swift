import Glibc

/// W2: each line of a log becomes a row.
struct StoreAll: Workload {
  let name: String
  let title: String
  /// With two named groups; it selects each line.
  let pattern: String?
  let goal: Double

  static let all = [
    StoreAll(name: "W2", title: "every line a row", pattern: nil, goal: 1.15),
    StoreAll(
      name: "W2g", title: "with two named groups", pattern: #"(?<first>\w+)[^ ]* (?<second>[^ "]+)"#, goal: 1.6),
  ]

  func measure(on bench: Bench) throws -> [Row] {
    let lines = bench.isSmall ? 200_000 : 2_000_000
    let log = try bench.corpus("lines-\(lines)", ["lines", "\(lines)", "2"])
    _ = try Run(Command("cat", log))
    var (weir, limit) = (Samples(), Samples())
    for _ in 0..<bench.rounds {
      let folder = try bench.scratch.empty("store")
      let sink = Config.sqlite(folder.path("rows.db"))
      let pattern = pattern.map { Config.Pattern(text: $0, isFixed: false) }
      let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: pattern, sink: sink)
      let config = Config(database: folder.path("weir.db"), pipelines: [pipeline])
      weir.add(try Run(bench.agent(config, in: folder)))
      var insert = bench.tool("insert", log, folder.path("limit.db"))
      if let pattern { insert.words.append(pattern.text) }
      limit.add(try Run(insert))
      let stored = try bench.query(Self.digest, of: folder.path("rows.db"))
      guard try stored == bench.query(Self.digest, of: folder.path("limit.db")), stored.hasPrefix("\(lines)|") else {
        throw Failure("other rows than the limit's: \(stored)")
      }
    }
    _ = try bench.scratch.empty("store")
    let title = "\(name) \(title)"
    return [
      Row(title, "wall", .seconds, weir.wallSeconds, beside: ("insert", limit.wallSeconds), goal: .times(goal)),
      Row(title, "CPU", .seconds, weir.cpuSeconds, beside: ("insert", limit.cpuSeconds), goal: .none),
      Row(title, "peak RSS", .megabytes, weir.peakBytes, goal: .atMost(Bench.peakBytes)),
    ]
  }

  /// What rows have in common that are the same.
  private static let digest = """
    SELECT count(*), sum(offset), sum(length(CAST(line AS BLOB))), sum(length(fields)),
      sum((id - 1) % 4096 * length(fields)), min(line), max(fields) FROM match
    """
}
