import Glibc

/// What a process took, from its start to its end.
///
/// The peak of its memory is that of this process at least, which it was for a moment; so this one stays small.
struct Run {
  let wallSeconds: Double
  let cpuSeconds: Double
  let peakBytes: Double
  let status: Int32

  /// Runs `command` to its end, which has to be a good one.
  init(_ command: Command) throws {
    let start = seconds(CLOCK_MONOTONIC)
    let process = try command.start()
    try self.init(waitingFor: process, startedAt: start)
    guard status == 0 else {
      let complaints = if case .file(let path) = command.errors { try text(of: path) } else { "" }
      throw Failure("\(command.words.joined(separator: " ")): status \(status)\n\(complaints)")
    }
  }

  init(wallSeconds: Double, cpuSeconds: Double, peakBytes: Double) {
    (self.wallSeconds, self.cpuSeconds, self.peakBytes, status) = (wallSeconds, cpuSeconds, peakBytes, 0)
  }

  init(waitingFor process: pid_t, startedAt start: Double) throws {
    var (state, usage) = (Int32(), rusage())
    while wait4(process, &state, 0, &usage) < 0 {
      guard errno == EINTR else { throw Failure.call("wait4") }
    }
    wallSeconds = seconds(CLOCK_MONOTONIC) - start
    cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
    peakBytes = Double(usage.ru_maxrss) * 1024
    status = state & 0x7f == 0 ? state >> 8 & 0xff : 128 + state & 0x7f
  }

  /// What `command` prints.
  static func output(of command: Command, in folder: Folder) throws -> String {
    var command = command
    let path = folder.path("output")
    command.output = .file(path)
    _ = try Run(command)
    return try text(of: path)
  }
}

func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
