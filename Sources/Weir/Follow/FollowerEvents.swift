import Coroutines
import Logging

/// Hearing the kernel: round by round, not event by event.
extension Follower {
  /// From now on the kernel is heard.
  func beginToWait() {
    pump = scheduler.spawn(name: "follow") { [scheduler] in
      var rounds = EventRounds()
      while await self.isWatching {
        try await self.waitForEvents()
        while case let count = await self.takeEvents(), count > 0 {
          try await scheduler.sleep(for: rounds.pause(after: count, at: scheduler.clock.now))
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
