import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// What is read after a stop, with the checkpoints of what was read before.
@Suite struct RestartTests {
  let scratch = Scratch()

  /// Reads all that is there, and gives the checkpoint of the last batch of each file.
  private func read(_ paths: [FilePath], after known: KnownPositions?, from start: FollowPlan.Start = .beginning)
    throws -> (lines: [String], checkpoints: [Checkpoint])
  {
    let tail = Tail([FollowPlan(paths: paths, start: start)], known: known, isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    var last: [FileIdentity: Checkpoint] = [:]
    for checkpoint in (known?.sinkCheckpoints[0] ?? []) + tail.now.batches.compactMap(\.checkpoint) {
      last[checkpoint.identity] = checkpoint
    }
    return (tail.lines, Array(last.values))
  }

  @Test func goesOnAtTheCheckpoint() throws {
    scratch.append("one\n", to: "log")
    let first = try read([scratch.path("log")], after: nil)
    scratch.append("two\n", to: "log")
    let second = try read([scratch.path("log")], after: known(first.checkpoints), from: .end)
    #expect(first.lines == ["one"] && second.lines == ["two"])
    #expect(try read([scratch.path("log")], after: known(second.checkpoints)).lines.isEmpty)
  }

  @Test func eachSinkStartsAtItsOwnCheckpoint() throws {
    scratch.append("one\ntwo\nthree\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, maxLineBytes: 4)
    _ = tail
    let first = try read([scratch.path("log")], after: nil).checkpoints[0]
    scratch.append("four\n", to: "log")
    let positions = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[first], []])
    let next = Tail([FollowPlan(paths: [scratch.path("log")])], known: positions, isOnce: true)
    try next.run { try await $0.until { $0.isFinished } }
    #expect(next.lines == ["four"])
    #expect(next.now.files[0].firstStarts[0].offsets == [14, 14])
  }

  /// All files of a log begin with the same kilobyte. Of one that is gone a sink knew no more when the agent was
  /// killed; another sink had taken all of it. What has its inode was rotated away too.
  @Test func inodeOfAFileThatOneSinkIsBehindIn() throws {
    let banner = String(repeating: "banner\n", count: 200)
    scratch.append(banner + "a first line\n", to: "log")
    let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let seen = try #require(first.now.files[0].firstStarts[0].sinks[0]?.checkpoint)
    let read = try #require(first.now.batches.last?.checkpoint)
    scratch.write(Array((banner + "another\n").utf8), to: "log")
    scratch.rename("log", "log.1")
    let positions = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[read], [seen]])
    let second = Tail([FollowPlan(paths: [scratch.path("log")])], known: positions, isOnce: true)
    try second.run { try await $0.until { $0.isFinished } }
    #expect(second.lines.last == "another")
    #expect(second.now.files.flatMap(\.firstStarts).map { $0.sinks.map { $0?.end } } == [[0, 0]])
  }

  /// One sink had taken a part of what came into a log after it was copied and truncated, another was further back.
  /// Then that was copied too.
  @Test func generationThatOneSinkHasNotBegun() throws {
    let lines = (0..<40).map { "line \($0)" }
    func copyAndTruncate(to name: String) {
      Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path(name).string])
      scratch.truncate("log")
    }
    for line in lines[..<20] { scratch.append(line + "\n", to: "log") }
    let first = try read([scratch.path("log")], after: nil).checkpoints[0]
    copyAndTruncate(to: "log.2")
    for line in lines[20..<30] { scratch.append(line + "\n", to: "log") }
    let second = try read([scratch.path("log")], after: known([first])).checkpoints[0]
    copyAndTruncate(to: "log.1")
    scratch.append("new\n", to: "log")
    let positions = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[second], [first]])
    let next = Tail([FollowPlan(paths: [scratch.path("log")])], known: positions, isOnce: true)
    try next.run { try await $0.until { $0.isFinished } }
    #expect(next.lines == lines[20..<30] + ["new"])
    #expect(next.now.files.flatMap(\.firstStarts).map { $0.sinks.map { $0?.end } } == [[second.offset, 0], [0, 0]])
  }

  @Test func otherContentIsANewGeneration() throws {
    scratch.append("a first line\n", to: "log")
    let first = try read([scratch.path("log")], after: nil)
    scratch.write(Array("b other line and more\n".utf8), to: "log")
    let second = try read([scratch.path("log")], after: known(first.checkpoints), from: .end)
    #expect(second.lines == ["b other line and more"])
    scratch.write(Array("c\n".utf8), to: "log")
    #expect(try read([scratch.path("log")], after: known(second.checkpoints), from: .end).lines == ["c"])
  }

  @Test func unknownFileIsReadFromItsBeginning() throws {
    scratch.append("one\n", to: "a.log")
    let first = try read([scratch.path("*.log")], after: nil)
    scratch.append("two\n", to: "b.log")
    #expect(try read([scratch.path("*.log")], after: known(first.checkpoints), from: .end).lines == ["two"])
  }

  @Test(arguments: ["log", "log*"]) func renamedMeanwhile(pattern: String) throws {
    scratch.append("one\n", to: "log")
    let first = try read([scratch.path(pattern)], after: nil)
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.append("three\n", to: "log")
    let second = try read([scratch.path(pattern)], after: known(first.checkpoints))
    #expect(second.lines.sorted() == ["three", "two"])
    if pattern == "log" { #expect(second.lines == ["two", "three"]) }
    scratch.append("four\n", to: "log")
    #expect(try read([scratch.path(pattern)], after: known(second.checkpoints)).lines == ["four"])
  }

  @Test(arguments: ["log", "log*"]) func copiedAndTruncatedMeanwhile(pattern: String) throws {
    scratch.append("one\n", to: "log")
    let first = try read([scratch.path(pattern)], after: nil)
    scratch.append("two\n", to: "log")
    Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
    scratch.truncate("log")
    scratch.append("three\n", to: "log")
    let second = try read([scratch.path(pattern)], after: known(first.checkpoints))
    #expect(second.lines == ["two", "three"])
    scratch.append("four\n", to: "log")
    #expect(try read([scratch.path(pattern)], after: known(second.checkpoints)).lines == ["four"])
  }

  @Test func truncatedWhileBehindIsReadInItsCopy() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log*"), from: .beginning)
    let expected = (0..<2000).map { "line \($0) with some words to make it long enough" }
    for line in expected[..<1000] { scratch.append(line + "\n", to: "log") }
    try tail.run { tail in
      try await tail.until(lines: Array(expected[..<1000]))
      // No turn is given to the follower between these: it sees them all at once.
      for line in expected[1000...] { scratch.append(line + "\n", to: "log") }
      Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
      scratch.truncate("log")
      scratch.append("after\n", to: "log")
      try await tail.until(lines: expected + ["after"])
      try await tail.until { $0.batches.contains { $0.origin.path == scratch.path("log.1") } }
    }
    #expect(tail.lines == expected + ["after"] && tail.now.gaps.isEmpty)
  }
}
