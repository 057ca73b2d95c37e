import Glibc

/// W1a: each line of a log goes through the printer into a file, beside cat.
struct PrintAll: Workload {
  let name = "W1a"

  func measure(on bench: Bench) throws -> [Row] {
    let log = try bench.mixedLog()
    var (weir, cat) = (Samples(), Samples())
    for _ in 0..<bench.rounds {
      let folder = try bench.scratch.empty("weir")
      let output = bench.scratch.path("all.out")
      defer { unlink(output) }
      let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: nil, sink: "\"printer\"")
      var command = try bench.agent(Config(database: folder.path("weir.db"), pipelines: [pipeline]), in: folder)
      command.output = .file(output)
      weir.add(try Run(command))
      try bench.compare(log, output)
      unlink(output)
      cat.add(try Run(Command("cat", log, output: .file(output))))
    }
    let title = "W1a every line"
    return [
      Row(title, "wall", .seconds, weir.wallSeconds, beside: ("cat", cat.wallSeconds), goal: .times(4)),
      Row(title, "CPU", .seconds, weir.cpuSeconds, beside: ("cat", cat.cpuSeconds), goal: .none),
      Row(title, "peak RSS", .megabytes, weir.peakBytes, goal: .atMost(Bench.peakBytes)),
    ]
  }
}
