import Glibc

/// A program at work in the background, until it is stopped.
final class Daemon {
  let process: pid_t
  private let startedAt: Double
  private var isRunning = true

  init(_ command: Command) throws {
    startedAt = seconds(CLOCK_MONOTONIC)
    process = try command.start()
  }

  /// Nothing is left running when a measurement fails.
  deinit {
    guard isRunning else { return }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// What it has taken of processors so far.
  var cpuSeconds: Double {
    get throws {
      var clock = clockid_t()
      guard clock_getcpuclockid(process, &clock) == 0 else { throw Failure("process \(process) is gone") }
      return seconds(clock)
    }
  }

  var residentBytes: Double { get throws { try status("VmRSS:") * 1024 } }

  var descriptorCount: Double { get throws { Double(try names(in: "/proc/\(process)/fd").count) } }

  /// How many files and folders it has inotify watch.
  var watchCount: Int {
    get throws {
      try names(in: "/proc/\(process)/fdinfo").reduce(0) { count, name in
        guard let text = try? text(of: "/proc/\(process)/fdinfo/\(name)") else { return count }  // closed since
        return count + text.split(separator: "\n").count { $0.hasPrefix("inotify") }
      }
    }
  }

  /// Who traces it; 0: nobody.
  var tracer: Double { get throws { try status("TracerPid:") } }

  /// Asks it to end with `signal`, and waits for that.
  @discardableResult
  func stop(with signal: Int32 = SIGTERM) throws -> Run {
    kill(process, signal)
    return try wait()
  }

  func wait() throws -> Run {
    isRunning = false
    return try Run(waitingFor: process, startedAt: startedAt)
  }

  private func status(_ key: String) throws -> Double {
    let lines = try text(of: "/proc/\(process)/status").split(separator: "\n")
    let fields = lines.first { $0.hasPrefix(key) }?.split { $0 == " " || $0 == "\t" } ?? []
    guard fields.count > 1, let value = Double(fields[1]) else { throw Failure("process \(process) has no \(key)") }
    return value
  }
}

private func names(in path: String) throws -> [String] {
  guard let folder = opendir(path) else { throw Failure.call(path) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names
}
