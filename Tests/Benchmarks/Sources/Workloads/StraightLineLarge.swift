import Glibc

/// The same at the size that takes minutes and tens of gigabytes, which are deleted afterwards.
extension StraightLine {
  /// 10 GB beside 1 GB.
  func manyBytes(on bench: Bench) throws -> [Row] {
    let byteCount = 10_000_000_000
    try bench.corpora.require(bytes: Double(byteCount))
    let name = "mixed-\(byteCount)"
    defer { for name in [name, "\(name).part"] { unlink(bench.corpora.path(name)) } }
    return try bytes(of: bench.corpus(name, ["bytes", "\(byteCount)", "1"]), beside: bench.mixedLog(), on: bench)
  }

  /// A log grows by a million lines, a hundred times, and each time they are stored.
  func manyRows(on bench: Bench) throws -> [Row] {
    let million = try bench.corpus("lines-1000000", ["lines", "1000000", "2"])
    // The log, and as much and a half again of rows.
    try bench.scratch.require(bytes: 250 * Double(size(of: million)))
    let folder = try bench.scratch.empty("line")
    defer { _ = try? bench.scratch.empty("line") }
    let (log, database) = (folder.path("log"), folder.path("weir.db"))
    let pipeline = Config.Pipeline(name: "bench", paths: [log], pattern: nil, sink: "\"sqlite\"")
    let agent = try bench.agent(Config(database: database, pipelines: [pipeline]), in: folder)
    let runs = try (1...100).map { number in
      try append(million, to: log)
      let run = try Run(agent)
      if number % 10 == 0 { complain("\(number) million rows, the last of them in \(decimal(run.wallSeconds, 2)) s") }
      return run
    }
    guard try bench.query("SELECT max(id), count(*) FROM match", of: database) == "100000000|100000000\n" else {
      throw Failure("the rows are not a hundred million")
    }
    let (first, last) = (runs.prefix(bench.rounds), runs.suffix(bench.rounds))
    let title = "L the last million of 100 million rows beside the first"
    return [
      Row(
        title, "wall", .seconds, last.map(\.wallSeconds), beside: ("weir", first.map(\.wallSeconds)),
        goal: .times(1.15)),
      Row(title, "CPU", .seconds, last.map(\.cpuSeconds), beside: ("weir", first.map(\.cpuSeconds)), goal: .none),
    ]
  }

  /// What was appended is on the disk before the next run begins, which has only its rows to write.
  private func append(_ lines: String, to log: String) throws {
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.call(log) }
    defer { close(descriptor) }
    var command = Command("cat", lines)
    command.output = .descriptor(descriptor)
    _ = try Run(command)
    guard fsync(descriptor) == 0 else { throw Failure.call(log) }
  }
}

extension Folder {
  /// Fails where so much does not fit into it.
  fileprivate func require(bytes: Double) throws {
    var system = statvfs()
    guard statvfs(path, &system) == 0 else { throw Failure.call(path) }
    let free = Double(system.f_bavail) * Double(system.f_frsize)
    guard free < bytes else { return }
    throw Failure("\(path): \(decimal(bytes / 1e9, 0)) GB are needed, and \(decimal(free / 1e9, 0)) GB are free")
  }
}
