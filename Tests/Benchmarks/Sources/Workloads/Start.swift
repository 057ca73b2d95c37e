import Glibc

/// W7: how long it takes from the start of the program to the first match.
struct Start: Workload {
  let name = "W7"

  /// A start takes milliseconds, so there are more of them.
  static let startsPerRound = 5

  func measure(on bench: Bench) throws -> [Row] {
    let log = try bench.corpus("lines-1001", ["lines", "1001", "4"])
    let pattern = Config.Pattern(text: "payment_gateway_timeout")
    var (weir, limit): ([Double], [Double]) = ([], [])
    for _ in 0..<bench.rounds * Self.startsPerRound {
      let folder = try bench.scratch.empty("start")
      let patterns = try folder.write(pattern.text + "\n", to: "patterns")
      let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: pattern, sink: "\"printer\"")
      let config = Config(database: folder.path("weir.db"), pipelines: [pipeline])
      weir.append(try secondsToOutput(of: bench.agent(config, in: folder)))
      let start = bench.tool("start", folder.path("weir.yaml"), folder.path("limit.db"), patterns, log)
      limit.append(try secondsToOutput(of: start))
    }
    return [
      Row("W7 exec to first match", "wall", .milliseconds, weir, beside: ("start", limit), goal: .more(0.010))
    ]
  }

  private func secondsToOutput(of command: Command) throws -> Double {
    var command = command
    let pipe = try Pipe()
    command.output = .descriptor(pipe.writing)
    let start = seconds(CLOCK_MONOTONIC)
    let daemon = try Daemon(command)
    pipe.closeWriting()
    var byte = UInt8()
    guard read(pipe.reading, &byte, 1) == 1 else { throw Failure("\(command.words[0]) printed nothing") }
    let time = seconds(CLOCK_MONOTONIC) - start
    guard try daemon.wait().status == 0 else { throw Failure("\(command.words[0]) failed") }
    return time
  }
}
