import Glibc

/// W8: ten large files are caught up with, each line a row, while lines come to a quiet one.
struct CatchUpBesideQuiet: Workload {
  let name = "W8"

  func measure(on bench: Bench) throws -> [Row] {
    let bytes = bench.isSmall ? 6_400_000 : 100_000_000
    let logs = try (0..<10).map { try bench.corpus("large-\(bytes)-\($0)", ["bytes", "\(bytes)", "\(10 + $0)"]) }
    for log in logs { _ = try Run(Command("cat", log)) }
    var (printed, stored): ([Double], [Double]) = ([], [])
    for _ in 0..<bench.rounds {
      printed.append(try ninetyNinth(logs, on: bench, isStored: false))
      stored.append(try ninetyNinth(logs, on: bench, isStored: true))
    }
    return [
      Row("W8 quiet beside busy, printed", "p99", .milliseconds, printed, goal: .atMost(0.020)),
      Row("W8 quiet beside busy, stored", "p99", .milliseconds, stored, goal: .atMost(0.020)),
    ]
  }

  private func ninetyNinth(_ logs: [String], on bench: Bench, isStored: Bool) throws -> Double {
    let folder = try bench.scratch.empty("busy")
    let (quiet, rows) = (try folder.write("", to: "quiet.log"), folder.path("rows.db"))
    let pipelines = [
      Config.Pipeline(name: "busy", paths: logs, pattern: nil, sink: Config.sqlite(rows)),
      Config.Pipeline(
        name: "quiet", paths: [quiet], pattern: Latency.pattern, sink: isStored ? Config.sqlite(rows) : "\"printer\""),
    ]
    let config = Config(database: folder.path("weir.db"), pipelines: pipelines)
    var command = try bench.agent(config, in: folder, endsAtOnce: false)
    let pipe = try Pipe()
    command.output = .descriptor(pipe.writing)
    let daemon = try Daemon(command)
    try waitUntil("rows are stored") { size(of: rows + "-wal") > 1 << 20 }

    var latency = bench.tool("latency", quiet, "100000", "200")
    latency.input = .descriptor(pipe.reading)
    latency.output = .file(folder.path("times"))
    // How far the quiet file is stored is committed with its rows, and found at once among millions.
    let sql = """
      SELECT max(c.offset) / 150 FROM checkpoint AS c JOIN file AS f ON f.id = c.file WHERE f.path = '\(quiet)'
      """
    if isStored { latency.words += [rows, sql] }
    let appending = try Daemon(latency)
    try waitForAll(of: logs, in: rows, on: bench)
    guard try appending.stop().status == 0 else { throw Failure("latency failed") }
    try daemon.stop()
    return try Latency.Times(text(of: folder.path("times"))).ninetyNinth
  }

  private func waitForAll(of logs: [String], in database: String, on bench: Bench) throws {
    let counts = try Run.output(
      of: Command("sh", "-c", "cat \(logs.joined(separator: " ")) | wc -l"), in: bench.scratch)
    guard let expected = Int(counts.dropLast()) else { throw Failure("wc said: \(counts)") }
    try waitUntil("all lines are stored", atMost: 300) {
      pass(0.1)
      let count = try bench.query("SELECT max(id) FROM match", of: database)
      return Int(count.dropLast()) ?? 0 >= expected
    }
  }
}
