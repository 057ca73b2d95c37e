import Glibc
import Synchronization
import Testing

/// logrotate, run again and again while others work.
///
/// Owner: one test.
final class RotationRuns {
  /// How many ended well.
  private(set) var count = 0
  private let folder: Scratch
  private let interval: Duration
  private let journal: AdversaryJournal
  private var due: ContinuousClock.Instant
  private var pid: pid_t?

  init(in folder: Scratch, every interval: Duration, journal: AdversaryJournal) {
    self.journal = journal
    self.folder = folder
    self.interval = interval
    due = .now + interval
  }

  deinit {
    guard let pid else { return }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  /// Whether one is at work.
  var isRunning: Bool { pid != nil }

  /// Takes notice of one that has ended.
  func reap() {
    guard let running = pid else { return }
    var status: Int32 = 0
    guard waitpid(running, &status, WNOHANG) == running else { return }
    pid = nil
    journal.note("end of logrotate")
    if status == 0 { count += 1 } else { Issue.record("logrotate ended with status \(status >> 8 & 0xff)") }
  }

  /// Starts the next one when its time has come.
  func startIfDue() throws {
    guard pid == nil, ContinuousClock.now >= due else { return }
    due = .now + interval
    let words = ["/usr/sbin/logrotate", "-f", "-s", folder.file("state"), folder.file("rotate.conf")]
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var started: pid_t = 0
    let failure = Spawning.lock.withLock { _ in posix_spawn(&started, words[0], nil, nil, arguments, environ) }
    try #require(failure == 0, "logrotate: \(String(cString: strerror(failure)))")
    pid = started
    journal.note("logrotate")
  }
}
