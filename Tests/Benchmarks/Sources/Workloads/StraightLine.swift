import Glibc

/// Cost grows with the bytes that are read, and with nothing else: not with what is stored, nor with rotated files.
struct StraightLine: Workload {
  let name = "L"
  private let pattern = Config.Pattern(text: "payment_gateway_timeout")

  func measure(on bench: Bench) throws -> [Row] {
    if bench.isLarge { return try manyBytes(on: bench) + manyRows(on: bench) }
    return try bytes(on: bench) + store(on: bench) + rotated(on: bench)
  }

  private func bytes(on bench: Bench) throws -> [Row] {
    let size = bench.isSmall ? 16 << 20 : 256 << 20
    return try bytes(
      of: bench.mixedLog(), beside: bench.corpus("mixed-\(size)", ["bytes", "\(size)", "1"]), on: bench)
  }

  /// A megabyte is taken off, as the start is in it.
  func bytes(of log: String, beside other: String, on bench: Bench) throws -> [Row] {
    let logs = [try bench.corpus("mixed-1000000", ["bytes", "1000000", "1"]), other, log]
    for log in logs { _ = try Run(Command("cat", log)) }
    var (long, short): ([Double], [Double]) = ([], [])
    for _ in 0..<bench.rounds {
      let times = try logs.map { try once($0, on: bench).cpuSeconds }
      long.append((times[2] - times[0]) / Double(size(of: logs[2]) - size(of: logs[0])) * 1e9)
      short.append((times[1] - times[0]) / Double(size(of: logs[1]) - size(of: logs[0])) * 1e9)
    }
    let title = "L \(megabytes(log)) beside \(megabytes(other))"
    return [Row(title, "CPU", .secondsPerGigabyte, long, beside: ("weir", short), goal: .times(1.25))]
  }

  private func megabytes(_ log: String) -> String { "\((size(of: log) + 500_000) / 1_000_000) MB" }

  private func once(_ log: String, on bench: Bench) throws -> Run {
    let folder = try bench.scratch.empty("line")
    let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: pattern, sink: "\"printer\"")
    return try Run(bench.agent(Config(database: folder.path("weir.db"), pipelines: [pipeline]), in: folder))
  }

  /// The same lines once more, by one more pipeline, into a database that has them many times already.
  private func store(on bench: Bench) throws -> [Row] {
    let lines = bench.isSmall ? 200_000 : 2_000_000
    let log = try bench.corpus("lines-\(lines)", ["lines", "\(lines)", "2"])
    var (first, last): ([Double], [Double]) = ([], [])
    for _ in 0..<bench.rounds {
      let folder = try bench.scratch.empty("line")
      let times = try (1...6).map { number in
        let pipelines = (1...number).map {
          Config.Pipeline(name: "p\($0)", paths: [log], pattern: nil, sink: "\"sqlite\"")
        }
        let config = Config(database: folder.path("weir.db"), pipelines: pipelines)
        return try Run(bench.agent(config, in: folder)).wallSeconds
      }
      guard try bench.query("SELECT count(*) FROM match", of: folder.path("weir.db")) == "\(6 * lines)\n" else {
        throw Failure("the rows are not six times \(lines)")
      }
      first.append(times[0])
      last.append(times[5])
    }
    _ = try bench.scratch.empty("line")
    let title = "L rows behind \(5 * lines) others"
    return [Row(title, "wall", .seconds, last, beside: ("weir", first), goal: .times(1.15))]
  }

  /// Alone in its folder, and among ten thousand that look like rotated copies of it.
  private func rotated(on bench: Bench) throws -> [Row] {
    let path = bench.corpora.path("rotated")
    if access(path, F_OK) != 0 {
      let folder = try bench.corpora.empty("rotated.part")
      for number in 1...10_000 { try folder.write("line \(number)\n", to: "app.log.\(number)") }
      guard rename(folder.path, path) == 0 else { throw Failure.call(path) }
    }
    let alone = try bench.corpora.empty("alone")
    var (among, single): ([Double], [Double]) = ([], [])
    for log in ["\(path)/app.log", alone.path("app.log")] {
      unlink(log)
      guard link(try bench.mixedLog(), log) == 0 else { throw Failure.call(log) }
    }
    for _ in 0..<bench.rounds {
      among.append(try once("\(path)/app.log", on: bench).cpuSeconds)
      single.append(try once(alone.path("app.log"), on: bench).cpuSeconds)
    }
    return [
      Row("L beside 10,000 rotated files", "CPU", .seconds, among, beside: ("weir", single), goal: .times(1.25))
    ]
  }
}
