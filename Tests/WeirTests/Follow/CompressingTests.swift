import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// Files that are compressed while they are followed.
@Suite struct CompressingTests {
  let scratch = Scratch()

  @Test(arguments: ["", "delaycompress", "dateext\n dateformat -%Y%m%d@", "copytruncate", "olddir old"])
  func logrotate(how: String) throws {
    let scratch = scratch
    scratch.makeFolder("old")
    let tail = Tail(scratch.path("log*"), from: .beginning)
    try tail.run { tail in
      var expected: [String] = []
      for round in 0..<4 {
        let lines = (0..<50).map { "round \(round) line \($0)" }
        scratch.append(lines.map { $0 + "\n" }.joined(), to: "log")
        expected += lines
        let wanted = expected
        try await tail.until(lines: wanted)
        scratch.rotate("log", "create", "compress", how.replacing("@", with: "\(round)"))
      }
      scratch.append("end\n", to: "log")
      let wanted = expected + ["end"]
      try await tail.until(lines: wanted)
    }
    #expect(tail.now.gaps.isEmpty && tail.log.troubles.isEmpty)
    #expect(tail.log.messages.filter { $0.contains("is compressed: passed over") }.count <= 1)
  }

  /// Rotated and compressed again and again before the follower looks.
  @Test(arguments: [false, true]) func rotatedBetweenTwoLooks(isLarge: Bool) throws {
    let scratch = scratch
    let filler = isLarge ? String(repeating: "some words to fill it\n", count: 100_000) : ""
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.run { tail in
      scratch.append("one\n" + filler, to: "log")
      try await tail.until { $0.lines.count == (isLarge ? 100_001 : 1) }
      // No turn is given to the follower between these.
      scratch.append("two\n", to: "log")
      scratch.rename("log", "log.3")
      scratch.gzip("log.3")
      scratch.append("three\n" + filler, to: "log")
      scratch.rename("log", "log.2")
      scratch.gzip("log.2")
      scratch.append("four\n", to: "log")
      scratch.rename("log", "log.1")
      scratch.append("five\n", to: "log")
      try await tail.until { $0.lines.last == "five" }
    }
    #expect(tail.lines.filter { !$0.hasPrefix("some") } == ["one", "two", "three", "four", "five"])
    #expect(tail.now.gaps.isEmpty && tail.log.troubles.isEmpty)
  }

  @Test func truncatedWhileBehindIsReadInItsCompressedCopy() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), from: .beginning)
    let expected = (0..<2000).map { "line \($0) with some words to make it long enough" }
    for line in expected[..<1000] { scratch.append(line + "\n", to: "log") }
    try tail.run { tail in
      try await tail.until(lines: Array(expected[..<1000]))
      for line in expected[1000...] { scratch.append(line + "\n", to: "log") }
      Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
      scratch.truncate("log")
      scratch.gzip("log.1")
      scratch.append("after\n", to: "log")
      try await tail.until(lines: expected + ["after"])
    }
    #expect(tail.now.gaps.isEmpty && tail.log.troubles.isEmpty)
  }

  @Test func deletedFileIsReadOnThroughItsDescriptor() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), from: .beginning, clock: VirtualClock())
    try tail.run { tail in
      scratch.append("one\n", to: "log")
      try await tail.until(lines: ["one"])
      scratch.append("two\nunfinished", to: "log")
      scratch.rename("log", "log.1")
      scratch.gzip("log.1")
      scratch.append("three\n", to: "log")
      try await tail.until { $0.ended == 1 }
    }
    #expect(tail.lines.sorted() == ["one", "three", "two", "unfinished"])
  }

  /// A compressed copy that is large is gone through in steps: others read on meanwhile.
  @Test func othersReadOnWhileACopyIsSought() throws {
    let scratch = scratch
    let path = scratch.path("log").string
    // 40 MB; the checkpoint is near its end.
    precondition(Scratch.run("/bin/sh", ["-c", "yes 'some words to fill it, and more' | head -c 40M > \(path)"]) == 0)
    let first = Tail(scratch.path("log"), from: .lastLines(1), isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let checkpoint = try #require(first.now.batches.last?.checkpoint)
    scratch.append("\nlast\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.gzip("log.1")
    scratch.append("new\n", to: "log")
    let tail = Tail([FollowPlan(paths: [scratch.path("log")])], known: known([checkpoint]))
    let turns = Turns()
    try tail.scheduler.run {
      let ticking = tail.scheduler.spawn(name: "others") {
        while !Task.isCancelled {
          await Task.yield()
          turns.count += 1
        }
      }
      try await tail.follow()
      ticking.cancel()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch(let batch) = try await file.next() else { throw Tail.TooLate() }
      #expect(batch.withBytes { String(decoding: $0, as: UTF8.self) } == "\nlast\n")
      await tail.follower.stop()
    }
    #expect(turns.count > 30)
  }

  /// Of the scheduler's thread.
  private final class Turns: @unchecked Sendable { var count = 0 }
}
