import Glibc

/// W6: ten files grow by 20,000 lines a second in all, in small writes, or in a write for each line.
struct Trickle: Workload {
  let name = "W6"
  private let linesPerSecond = 20_000
  private let pattern = Config.Pattern(text: "payment_gateway_timeout")

  private struct Taken {
    let cpuSecondsPerGigabyte: Double
    let peakBytes: Double
    let growthBytes: Double
    /// What is printed and should not be, or should be and is not.
    let wrongLines: Double
  }

  func measure(on bench: Bench) throws -> [Row] {
    try rows("W6 small writes", on: bench, isSingle: false) + rows("W6 a write a line", on: bench, isSingle: true)
  }

  private func rows(_ title: String, on bench: Bench, isSingle: Bool) throws -> [Row] {
    var (weir, tail): ([Taken], [Taken]) = ([], [])
    for _ in 0..<bench.rounds {
      weir.append(try follow(on: bench, isSingle: isSingle, start: startAgent))
      tail.append(try follow(on: bench, isSingle: isSingle, start: startTail))
    }
    return [
      Row(
        title, "CPU", .secondsPerGigabyte, weir.map(\.cpuSecondsPerGigabyte),
        beside: ("tail -F, grep", tail.map(\.cpuSecondsPerGigabyte)), goal: .times(1.0 / 3)),
      Row(
        title, "lines lost or mangled", .count, weir.map(\.wrongLines),
        beside: ("tail -F, grep", tail.map(\.wrongLines)), goal: .atMost(0)),
      Row(title, "peak RSS", .megabytes, weir.map(\.peakBytes), goal: .atMost(30e6)),
      Row(title, "RSS, growth", .megabytes, weir.map(\.growthBytes), goal: .atMost(1e6)),
    ]
  }

  private typealias Starter = (_ logs: [String], _ folder: Folder, _ bench: Bench) throws -> [Daemon]

  private func follow(on bench: Bench, isSingle: Bool, start: Starter) throws -> Taken {
    let duration = bench.isSmall ? 6 : 60
    let count = linesPerSecond * duration + 1
    let corpus = try bench.corpus("busy-\(count)", ["lines", "\(count)", "3", "10000"])
    let folder = try bench.scratch.empty("trickle")
    let logs = try (0..<10).map { try folder.write("", to: "\($0).log") }
    let daemons = try start(logs, folder, bench)
    let before = try daemons.map { try $0.cpuSeconds }.reduce(0, +)
    var feeder = bench.tool("feeder", corpus, folder.path, "10", "\(linesPerSecond)", "\(duration)")
    if isSingle { feeder.words.append("single") }
    feeder.output = .file(folder.path("fed"))
    let feeding = try Daemon(feeder)
    pass(Double(duration) / 4)
    let residentBytes = try daemons[0].residentBytes
    guard try feeding.wait().status == 0 else { throw Failure("feeder failed") }
    try waitForOutput(of: logs, in: folder)
    let cpuSeconds = try daemons.map { try $0.cpuSeconds }.reduce(0, +) - before
    let growth = try daemons[0].residentBytes - residentBytes
    let ends = try daemons.map { try $0.stop() }
    let wrongLines = try wrongLines(in: folder)
    let fed = try text(of: folder.path("fed")).split { $0 == " " || $0 == "\n" }.compactMap { Double($0) }
    return Taken(
      cpuSecondsPerGigabyte: cpuSeconds / (fed[1] / 1e9), peakBytes: ends[0].peakBytes, growthBytes: growth,
      wrongLines: wrongLines)
  }

  private func startAgent(_ logs: [String], _ folder: Folder, _ bench: Bench) throws -> [Daemon] {
    let pipeline = Config.Pipeline(
      name: "bench", paths: logs, pattern: pattern, sink: "\"printer\"", isFromBeginning: false)
    let config = Config(database: folder.path("weir.db"), pipelines: [pipeline])
    var command = try bench.agent(config, in: folder, endsAtOnce: false)
    command.output = .file(folder.path("out"))
    let socket = try ReadySocket(in: folder)
    command.environment["NOTIFY_SOCKET"] = socket.path
    let daemon = try Daemon(command)
    try socket.wait(for: daemon)
    return [daemon]
  }

  private func startTail(_ logs: [String], _ folder: Folder, _ bench: Bench) throws -> [Daemon] {
    let pipe = try Pipe()
    var tail = Command("tail", "-q", "-n", "0", "-F", output: .descriptor(pipe.writing))
    tail.words += logs
    var grep = Command("grep", "--line-buffered", "-F", "-e", pattern.text, output: .file(folder.path("out")))
    grep.environment = ["LC_ALL": "C"]
    grep.input = .descriptor(pipe.reading)
    let daemons = [try Daemon(tail), try Daemon(grep)]
    try waitUntil("tail follows") { try daemons[0].watchCount >= logs.count }
    return daemons
  }

  /// Until all is printed that was written, or nothing more comes.
  private func waitForOutput(of logs: [String], in folder: Folder) throws {
    var grep = Command("grep", "-h", "-F", "-e", pattern.text, output: .file(folder.path("expected")))
    grep.words += logs
    grep.environment = ["LC_ALL": "C"]
    _ = try Run(grep)
    let expected = size(of: folder.path("expected"))
    var (last, since) = (0, seconds(CLOCK_MONOTONIC))
    while last < expected, seconds(CLOCK_MONOTONIC) - since < 3 {
      pass(0.01)
      let now = size(of: folder.path("out"))
      if now != last { (last, since) = (now, seconds(CLOCK_MONOTONIC)) }
    }
  }

  /// The lines that are not in both, whatever their order. `tail` reads what a write(2) has done so far, and goes on
  /// with another file in the middle of a line.
  private func wrongLines(in folder: Folder) throws -> Double {
    let (out, expected) = (folder.path("out"), folder.path("expected"))
    let script =
      "sort -o '\(out)' '\(out)'; sort -o '\(expected)' '\(expected)'; comm -3 '\(out)' '\(expected)' | wc -l"
    var command = Command("sh", "-c", script)
    command.environment = ["LC_ALL": "C"]
    return Double(try Run.output(of: command, in: folder).dropLast()) ?? .nan
  }
}
