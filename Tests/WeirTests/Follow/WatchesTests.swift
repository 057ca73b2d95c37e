import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

@Suite struct WatchesTests {
  let scratch = Scratch()

  @Test func folderMadeAnewWhileADeletedFileInItIsHeldOpen() throws {
    let scratch = scratch
    scratch.makeFolder("a")
    scratch.makeFolder("a/b")
    scratch.append("", to: "a/b/log")
    let held = try Descriptor(opening: scratch.path("a/b/log"), flags: O_RDONLY)
    let tail = Tail(scratch.path("a/b/log"))
    try tail.run { tail in
      scratch.append("one\n", to: "a/b/log")
      try await tail.until(lines: ["one"])
      // No turn is given to the follower between these.
      Scratch.run("/bin/rm", ["-r", scratch.path("a").string])
      scratch.makeFolder("a")
      scratch.makeFolder("a/b")
      try await tail.until { $0.ended == 1 || tail.log.messages.contains { $0.contains("waiting for") } }
      scratch.append("two\n", to: "a/b/log")
      try await tail.until(lines: ["one", "two"])
    }
    _ = try FileStatus.of(held)
  }

  /// What the kernel tells while someone looks for long is looked at when the pipeline of that pattern may be gone.
  @Test func aNameThatAPatternFoundBeforeItsPipelineWasRemoved() throws {
    let scratch = scratch
    let plans = ["a/*.log", "b/*.log"].map { [FollowPlan(paths: [scratch.path($0)], start: .beginning)] }
    let new = KnownPositions(hasRunBefore: false, sinkCheckpoints: [[]])
    let tail = Tail(pipelines: plans, known: [new, new])
    for folder in ["a", "b"] { scratch.makeFolder(folder) }
    try tail.run { tail in
      let patterns = await tail.follower.patterns.numbers
      await tail.follower.remove([0])
      scratch.append("unread\n", to: "a/new.log")
      scratch.append("read\n", to: "b/new.log")
      await tail.follower.take([
        .name(scratch.path("a/new.log"), pattern: patterns[0]), .name(scratch.path("b/new.log"), pattern: patterns[1]),
      ])
      try await tail.until(lines: ["read"])
    }
  }
}
