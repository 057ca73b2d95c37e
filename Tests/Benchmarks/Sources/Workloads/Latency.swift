import Glibc

/// W4: lines are appended, 200 a second; how long it takes until each is seen by another connection, or in a pipe.
struct Latency: Workload {
  let name = "W4"
  static let pattern = Config.Pattern(text: "quiet_but_watched")

  /// What the program that appends says.
  struct Times {
    let median: Double
    let ninetyNinth: Double

    init(_ line: String) throws {
      let figures = line.split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
      guard figures.count == 5 else { throw Failure("latency said: \(line)") }
      guard figures[0] == figures[1] else { throw Failure("of \(figures[0]) lines \(figures[1]) were seen") }
      (median, ninetyNinth) = (figures[2] / 1e6, figures[3] / 1e6)
    }
  }

  func measure(on bench: Bench) throws -> [Row] {
    try rows("W4 append to row", on: bench, isStored: true) + rows("W4 append to pipe", on: bench, isStored: false)
  }

  private func rows(_ title: String, on bench: Bench, isStored: Bool) throws -> [Row] {
    var (weir, limit): ([Times], [Times]) = ([], [])
    for _ in 0..<bench.rounds {
      var folder = try bench.scratch.empty("latency")
      let log = try folder.write("first\n", to: "app.log")
      let sink = isStored ? Config.sqlite(folder.path("rows.db")) : "\"printer\""
      let pipeline = Config.Pipeline(
        name: "bench", paths: [log], pattern: Self.pattern, sink: sink, isFromBeginning: false)
      let config = Config(database: folder.path("weir.db"), pipelines: [pipeline])
      weir.append(
        try times(of: bench.agent(config, in: folder, endsAtOnce: false), in: folder, on: bench, isStored: isStored))
      folder = try bench.scratch.empty("latency")
      try folder.write("first\n", to: "app.log")
      let loop = bench.tool("follow-loop", log, isStored ? folder.path("rows.db") : "-")
      limit.append(try times(of: loop, in: folder, on: bench, isStored: isStored))
    }
    return [
      Row(
        title, "p50", .microseconds, weir.map(\.median), beside: ("loop", limit.map(\.median)), goal: .times(1.5)),
      Row(
        title, "p99", .microseconds, weir.map(\.ninetyNinth), beside: ("loop", limit.map(\.ninetyNinth)),
        goal: .times(1.5)),
    ]
  }

  private func times(of command: Command, in folder: Folder, on bench: Bench, isStored: Bool) throws -> Times {
    let count = bench.isSmall ? 420 : 2020
    var command = command
    let (socket, pipe) = (try ReadySocket(in: folder), try Pipe())
    command.environment["NOTIFY_SOCKET"] = socket.path
    if !isStored { command.output = .descriptor(pipe.writing) }
    let daemon = try Daemon(command)
    try socket.wait(for: daemon)
    var latency = bench.tool("latency", folder.path("app.log"), "\(count)", "200")
    if isStored { latency.words += [folder.path("rows.db"), "SELECT max(id) FROM match"] }
    if !isStored { latency.input = .descriptor(pipe.reading) }
    let times = try Times(Run.output(of: latency, in: folder))
    try daemon.stop()
    return times
  }
}
