import Coroutines
import Logging

/// Hearing the kernel: round by round, not event by event.
extension Follower {
  /// The first event of a quiet time is taken at once; the next round this much later. While events come closer than
  /// ``busyInterval``, each next round is twice as much later, up to ``longestRoundPause``; else half as much. So files
  /// that are written to line by line cost some thirty rounds a second, not one a line.
  static let roundPause = Duration.milliseconds(2)
  /// What is read is this much behind, at most, while files are busy.
  static let longestRoundPause = Duration.milliseconds(32)
  /// Between two events, on average over a round.
  static let busyInterval = Duration.milliseconds(2.5)

  /// From now on the kernel is heard.
  func beginToWait() {
    pump = scheduler.spawn(name: "follow") { [scheduler] in
      while await self.isWatching {
        try await self.waitForEvents()
        var (pause, last) = (Self.roundPause, scheduler.clock.now - Self.longestRoundPause)
        while case let count = await self.takeEvents(), count > 0 {
          let isBusy = scheduler.clock.now - last < Self.busyInterval * count
          last = scheduler.clock.now
          pause = isBusy ? min(pause * 2, Self.longestRoundPause) : max(pause / 2, Self.roundPause)
          try await scheduler.sleep(for: pause)
        }
      }
    }
  }

  private func waitForEvents() async throws { try await watches?.wait(on: scheduler) }

  private var isWatching: Bool { !isStopped && watches != nil }

  /// - Returns: how many there were.
  private func takeEvents() async -> Int {
    guard !isStopped, let watches else { return 0 }
    let findings: Set<Watches.Finding>
    do throws(SystemError) { findings = try watches.findings() } catch {
      say(once: "inotify", .warning, "cannot read what changed: \(error); looking at every file")
      findings = [.everything]
    }
    if findings.contains(.everything) {
      say(once: "overflow", .info, "more changed than the kernel kept: looking at every file")
    }
    if watches.lastEventCount == 0, findings.isEmpty { return 0 }
    for identity in watches.takeWritten() { openFiles.noteWritten(identity) }
    for case .gone(let identity) in findings { openFiles.noteGone(identity) }
    await take(findings)
    return max(1, watches.lastEventCount)
  }
}
