import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// Rotation by copy and truncate, under globs that select the copies too.
@Suite struct CopyTests {
  let scratch = Scratch()

  private func copy(_ name: String, _ other: String) {
    Scratch.run("/bin/cp", [scratch.path(name).string, scratch.path(other).string])
  }

  @Test(arguments: [1, 20]) func copyWithADateBeforeItsExtensionIsPassedOver(lineCount: Int) throws {
    let scratch = scratch
    let tail = Tail(scratch.path("*.log"), from: .beginning)
    let expected = (0..<lineCount).map { "line \($0)" }
    try tail.run { [self] tail in
      scratch.append(expected.map { $0 + "\n" }.joined(), to: "app.log")
      try await tail.until(lines: expected)
      copy("app.log", "app-20260101.log")
      scratch.truncate("app.log")
      scratch.append("after\n", to: "app.log")
      // The empty batch of the copy says that it was passed over.
      try await tail.until { seen in
        seen.lines.contains("after") && seen.batches.contains { $0.origin.path == scratch.path("app-20260101.log") }
      }
      scratch.append("end\n", to: "app.log")
      try await tail.until { $0.lines.last == "end" }
    }
    #expect(tail.lines == expected + ["after", "end"])
  }

  @Test func newFileThatIsShortIsNoCopyOfARotatedOne() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log*"), from: .beginning)
    try tail.run { tail in
      scratch.append("started\n", to: "log")
      try await tail.until(lines: ["started"])
      scratch.rename("log", "log.1")
      scratch.append("started\n", to: "log")
      try await tail.until(lines: ["started", "started"])
    }
  }

  @Test func copyOfAllThatWasReadIsPassedOverAfterARestart() throws {
    scratch.append("one\n", to: "log")
    func read(_ checkpoints: [Checkpoint]?) throws -> (lines: [String], checkpoints: [Checkpoint]) {
      let tail = Tail(
        [FollowPlan(paths: [scratch.path("log*")], start: .beginning)], known: checkpoints.map(known), isOnce: true)
      try tail.run { try await $0.until { $0.isFinished } }
      var last: [FileIdentity: Checkpoint] = [:]
      for checkpoint in (checkpoints ?? []) + tail.now.batches.compactMap(\.checkpoint) {
        last[checkpoint.identity] = checkpoint
      }
      return (tail.lines, Array(last.values))
    }
    let first = try read(nil)
    copy("log", "log.1")
    scratch.truncate("log")
    scratch.append("two\n", to: "log")
    let second = try read(first.checkpoints)
    #expect(second.lines == ["two"])
    scratch.append("three\n", to: "log")
    #expect(try read(second.checkpoints).lines == ["three"])
  }
}
