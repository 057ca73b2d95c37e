import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// SIGSTOP for minutes: what was due meanwhile is due at once, together with what happened; on a virtual clock.
@Suite struct FreezeTests {
  let scratch = Scratch()

  /// Changes files while nothing of the agent runs, and lets ten minutes pass.
  private func frozen(_ tail: Tail, _ body: () -> Void) {
    body()
    (tail.scheduler.clock as? VirtualClock)?.advance(by: .seconds(600))
  }

  private func tail(_ poll: Duration? = nil) -> Tail {
    Tail([FollowPlan(paths: [scratch.path("app.log")], start: .beginning, poll: poll)], clock: VirtualClock())
  }

  @Test func anUnfinishedLineThatIsFinishedMeanwhile() throws {
    let scratch = scratch
    scratch.append("one\nha", to: "app.log")
    let tail = tail()
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      // The file is rotated away, and its quiet time runs.
      scratch.rename("app.log", "app.log.1")
      scratch.append("new\n", to: "app.log")
      try await tail.until { $0.lines.contains("new") }
      frozen(tail) { scratch.append("lf\n", to: "app.log.1") }
      try await tail.until { $0.lines.count == 3 }
    }
    #expect(Set(tail.lines) == ["one", "half", "new"])
  }

  @Test func rotationsMeanwhile() throws {
    let scratch = scratch
    scratch.append("one\n", to: "app.log")
    let tail = tail()
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      frozen(tail) {
        scratch.append("two\n", to: "app.log")
        scratch.rename("app.log", "app.log.1")
        scratch.append("three\n", to: "app.log")
        scratch.rename("app.log.1", "app.log.2")
        scratch.rename("app.log", "app.log.1")
        scratch.append("four\n", to: "app.log")
      }
      try await tail.until(lines: ["one", "two", "three", "four"])
      // Who held it open before goes on after it.
      scratch.append("late\n", to: "app.log.2")
      try await tail.until { $0.lines.last == "late" }
    }
    #expect(tail.now.gaps.isEmpty)
  }

  @Test func pausesThatAreOverdueAreNotMadeUpFor() throws {
    let scratch = scratch
    scratch.append("one\n", to: "app.log")
    let tail = tail(.seconds(1))
    try tail.run { tail in
      try await tail.until(lines: ["one"])
      let before = tail.log.messages.count
      frozen(tail) { scratch.append("two\n", to: "app.log") }
      try await tail.until(lines: ["one", "two"])
      let start = tail.scheduler.clock.now
      try await tail.scheduler.sleep(for: .seconds(10))
      #expect(tail.scheduler.clock.now - start == .seconds(10) && tail.log.messages.count == before)
    }
  }
}
