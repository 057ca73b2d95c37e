import Glibc

/// W5: files to which nothing is written cost nothing.
struct Quiet: Workload {
  let name = "W5"

  let count: Int

  /// Of more files than a process may open, a quiet one needs no descriptor: so many are let it then.
  private static let fewDescriptors = 1024
  private var isMany: Bool { count == 100_000 }

  static let all = [1, 100, 1000, 10_000, 100_000].map { Quiet(count: $0) }

  func measure(on bench: Bench) throws -> [Row] {
    let scratch = try bench.scratch.empty("quiet")
    let pipeline = Config.Pipeline(
      name: "bench", paths: ["\(try files(on: bench))/*.log"], pattern: Latency.pattern, sink: "\"printer\"",
      isFromBeginning: false)
    let config = Config(database: scratch.path("weir.db"), pipelines: [pipeline])
    var command = try bench.agent(config, in: scratch, endsAtOnce: false)
    if isMany { command.words = ["prlimit", "--nofile=\(Self.fewDescriptors)"] + command.words }
    let socket = try ReadySocket(in: scratch)
    command.environment["NOTIFY_SOCKET"] = socket.path
    let daemon = try Daemon(command)
    try socket.wait(for: daemon)
    let rows = try rows(of: daemon, over: bench.isSmall ? 5 : 20, in: scratch)
    try daemon.stop()
    return rows
  }

  /// So many files of a line each, made once.
  private func files(on bench: Bench) throws -> String {
    let path = bench.corpora.path("quiet-\(count)")
    guard access(path, F_OK) != 0 else { return path }
    let folder = try bench.corpora.empty("quiet-\(count).part")
    for number in 0..<count { try folder.write("first\n", to: "\(number).log") }
    guard rename(folder.path, path) == 0 else { throw Failure.call(path) }
    return path
  }

  private func rows(of daemon: Daemon, over duration: Double, in folder: Folder) throws -> [Row] {
    try settle(daemon)
    let startSeconds = try daemon.cpuSeconds
    pass(duration)
    let cpuSeconds = try daemon.cpuSeconds - startSeconds
    let calls = try systemCalls(of: daemon, over: duration, in: folder)
    let title = "W5 \(count) quiet files, \(decimal(duration, 0)) s"
    var rows = [
      Row(title, "CPU, its start", .seconds, [startSeconds], goal: .none),
      Row(title, "CPU", .milliseconds, [cpuSeconds], goal: isMany ? .none : .atMost(0.005)),
      Row(title, "system calls", .count, [calls], goal: isMany ? .none : .atMost(0)),
      Row(title, "RSS", .megabytes, [try daemon.residentBytes], goal: count == 10_000 ? .atMost(40e6) : .none),
    ]
    if isMany {
      rows.append(
        Row(title, "descriptors", .count, [try daemon.descriptorCount], goal: .atMost(Double(Self.fewDescriptors))))
    }
    return rows
  }

  /// Waits until what a start leaves to be done is done; for a while, as what never rests shows in the figures.
  private func settle(_ daemon: Daemon) throws {
    var (last, since) = (try daemon.cpuSeconds, seconds(CLOCK_MONOTONIC))
    let start = since
    while seconds(CLOCK_MONOTONIC) - since < 2.5, seconds(CLOCK_MONOTONIC) - start < 30 {
      pass(0.1)
      let cpuSeconds = try daemon.cpuSeconds
      if cpuSeconds > last { (last, since) = (cpuSeconds, seconds(CLOCK_MONOTONIC)) }
    }
  }

  private func systemCalls(of daemon: Daemon, over duration: Double, in folder: Folder) throws -> Double {
    let output = folder.path("strace")
    var command = Command("strace", "-c", "-f", "-q", "-o", output, "-p", "\(daemon.process)")
    command.errors = .nothing
    let strace = try Daemon(command)
    try waitUntil("strace is attached") { try daemon.tracer > 0 }
    pass(duration)
    try strace.stop(with: SIGINT)
    let calls = SystemCalls(summary: try text(of: output))
    if calls.total > 0 {
      complain("calls: \(calls.counts.sorted { $0.key < $1.key }.map { "\($0) \(decimal($1, 0))" })")
    }
    return calls.total
  }
}
