import Glibc
import Synchronization
import Testing

/// A command that the shell runs beside a test, until the test ends it.
///
/// Owner: one test.
final class ShellChild {
  private var pid: pid_t?

  init(_ command: String) throws {
    let words: [String] = ["/bin/sh", "-c", command]
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var started: pid_t = 0
    let failure = Spawning.lock.withLock { _ in posix_spawn(&started, "/bin/sh", nil, nil, arguments, environ) }
    try #require(failure == 0, "\(String(cString: strerror(failure)))")
    pid = started
  }

  deinit { end() }

  /// Sends it a signal. - Returns: its exit status; nil where it has not ended in time, or by itself.
  func ends(by signal: Int32, withinSeconds seconds: Int) -> Int32? {
    guard let pid else { return nil }
    kill(pid, signal)
    let deadline = ContinuousClock.now + .seconds(seconds)
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) != pid {
      guard ContinuousClock.now < deadline else { return nil }
      poll(nil, 0, 5)  // looks again
    }
    self.pid = nil
    return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
  }

  /// Kills it and waits for it.
  func end() {
    guard let pid else { return }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
    self.pid = nil
  }
}
