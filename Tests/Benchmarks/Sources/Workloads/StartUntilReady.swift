import Glibc

/// W7: how long it takes from the start of the program until it says that it is ready, with ten pipelines.
struct StartUntilReady: Workload {
  let name = "W7r"

  func measure(on bench: Bench) throws -> [Row] {
    var (weir, limit): ([Double], [Double]) = ([], [])
    for _ in 0..<bench.rounds * Start.startsPerRound {
      let ten = try tenPipelines(in: bench.scratch.empty("start"), on: bench)
      weir.append(try secondsToReady(of: ten.weir, in: bench.scratch))
      limit.append(try secondsToReady(of: ten.limit, in: bench.scratch))
    }
    return [
      Row(
        "W7 exec to READY, 10 pipelines", "wall", .milliseconds, weir, beside: ("start", limit), goal: .more(0.010))
    ]
  }

  private func tenPipelines(in folder: Folder, on bench: Bench) throws -> (weir: Command, limit: Command) {
    let patterns = try bench.patterns("strings", 10)
    let logs = try patterns.indices.map { try folder.write("first\n", to: "\($0).log") }
    let pipelines = patterns.indices.map { index in
      Config.Pipeline(
        name: "p\(index)", paths: [logs[index]], pattern: Config.Pattern(text: patterns[index]), sink: "\"sqlite\"",
        isFromBeginning: false)
    }
    let config = Config(database: folder.path("weir.db"), pipelines: pipelines)
    let weir = try bench.agent(config, in: folder, endsAtOnce: false)
    var limit = bench.tool(
      "start", folder.path("weir.yaml"), folder.path("limit.db"), bench.corpora.path("strings-10"))
    limit.words += logs
    return (weir, limit)
  }

  private func secondsToReady(of command: Command, in folder: Folder) throws -> Double {
    var command = command
    let socket = try ReadySocket(in: folder)
    command.environment["NOTIFY_SOCKET"] = socket.path
    let start = seconds(CLOCK_MONOTONIC)
    let daemon = try Daemon(command)
    try socket.wait()
    let time = seconds(CLOCK_MONOTONIC) - start
    try daemon.stop()
    return time
  }
}
