import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

@Suite struct RotationTests {
  let scratch = Scratch()

  @Test func renamedAndMadeAnew() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), clock: VirtualClock())
    try tail.run { tail in
      scratch.append("one\n", to: "log")
      try await tail.until(lines: ["one"])
      scratch.rename("log", "log.1")
      scratch.append("late", to: "log.1")
      scratch.append("two\n", to: "log")
      try await tail.until { $0.lines.contains("late") && $0.lines.contains("two") }
      try await tail.until { $0.ended == 1 }
      #expect(tail.now.files.map(\.path) == [scratch.path("log"), scratch.path("log")])
    }
    #expect(tail.now.gaps.isEmpty)
  }

  @Test func renamedFileWithoutSuccessorIsStillWrittenTo() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), clock: VirtualClock())
    try tail.run { tail in
      scratch.append("one\n", to: "log")
      try await tail.until(lines: ["one"])
      scratch.rename("log", "log.1")
      try await tail.scheduler.sleep(for: .seconds(60))
      scratch.append("two\n", to: "log.1")
      try await tail.until(lines: ["one", "two"])
      scratch.append("", to: "log")
      try await tail.until { $0.files.count == 2 }
      try await tail.scheduler.sleep(for: .seconds(60))
      scratch.append("three\n", to: "log.1")
      try await tail.until(lines: ["one", "two", "three"])
      scratch.append("four\n", to: "log")
      try await tail.until { $0.lines == ["one", "two", "three", "four"] && $0.ended == 1 }
    }
  }

  @Test func rotatedUnderAGlobStaysTheSameFile() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log*"))
    try tail.run { tail in
      scratch.append("one\n", to: "log")
      try await tail.until(lines: ["one"])
      scratch.rename("log", "log.1")
      scratch.append("two\n", to: "log")
      try await tail.until(lines: ["one", "two"])
      scratch.append("late\n", to: "log.1")
      try await tail.until(lines: ["one", "two", "late"])
    }
    #expect(tail.now.files.count == 2)
  }

  @Test func deletedAndMadeAnew() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), clock: VirtualClock())
    try tail.run { tail in
      scratch.append("one\nunfinished", to: "log")
      try await tail.until(lines: ["one"])
      scratch.remove("log")
      try await tail.until { $0.lines == ["one", "unfinished"] && $0.ended == 1 }
      scratch.append("two\n", to: "log")
      try await tail.until(lines: ["one", "unfinished", "two"])
    }
  }

  @Test func truncated() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"))
    try tail.run { tail in
      scratch.append("a longer line\nrest", to: "log")
      try await tail.until(lines: ["a longer line"])
      scratch.truncate("log")
      try await tail.until(lines: ["a longer line", "rest"])
      scratch.append("new\n", to: "log")
      try await tail.until(lines: ["a longer line", "rest", "new"])
    }
    // Where a generation ends is told without lines.
    let batches = tail.now.batches.filter { $0.start < $0.end }
    #expect(batches[0].origin !== batches[2].origin && batches[2].start == 0 && batches[2].end == 4)
    #expect(batches[0].origin.identity == batches[2].origin.identity)
  }

  @Test func rewrittenInPlaceAndLonger() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"))
    try tail.run { tail in
      scratch.append("short\n", to: "log")
      try await tail.until(lines: ["short"])
      scratch.write(Array("something quite different\n".utf8), to: "log", 0)
      try await tail.until(lines: ["short", "something quite different"])
      scratch.write(Array("something quite different?\n".utf8), to: "log")
      try await tail.until { $0.lines.count == 3 }
    }
    #expect(tail.now.batches.filter { $0.start < $0.end }.map(\.start) == [0, 0, 0])
  }

  /// Its last line waited for a sink that was busy, and then it was closed.
  @Test func fileThatComesBackAsItsLifeEndsIsReadOn() throws {
    let scratch = scratch
    scratch.append("one\nhalf", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, clock: VirtualClock())
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch = try await file.next() else { throw Tail.TooLate() }
      scratch.rename("log", "log.1")
      scratch.append("new\n", to: "log")
      guard case .batch(let rest) = try await file.next(), rest.end == 8 else { throw Tail.TooLate() }
      scratch.rename("log.1", "log")
      try await tail.until(await file.cameBackLate)
      while try await file.next() != nil {}
      let between = try #require(try await tail.follower.nextFile())
      tail.scheduler.spawn(name: "what was there meanwhile") { while try await between.next() != nil {} }
      let again = try #require(try await tail.follower.nextFile())
      #expect(again.identity == file.identity)
      scratch.append(" a line\nmore\n", to: "log")
      var batches: [Batch] = []
      while batches.last?.end != 21 {
        if case .batch(let batch) = try await again.next() { batches.append(batch) }
      }
      #expect(batches.first?.start == 8)
      await tail.follower.stop()
    }
  }

  @Test func bytesThatATruncationTookAreAGap() throws {
    let scratch = scratch
    for _ in 0..<10 { scratch.append(String(repeating: "a line of 20 bytes.\n", count: 5000), to: "log") }
    let tail = Tail(scratch.path("log"), from: .beginning)
    let (batch, gap) = try tail.scheduler.run { () -> (Batch, Gap) in
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch(let batch) = try await file.next() else { throw Tail.TooLate() }
      scratch.truncate("log", to: 100)
      var reading = try await file.next()
      if case .batch(let rest) = reading {
        #expect(rest.end == UInt64(FollowedFile.chunkBytes), "the line that was read in part is given out")
        reading = try await file.next()
      }
      guard case .gap(let gap) = reading else { throw Tail.TooLate() }
      await tail.follower.stop()
      return (batch, gap)
    }
    #expect(batch.start == 0 && gap.reason == .truncated && gap.origin === batch.origin)
    #expect(gap.first == UInt64(FollowedFile.chunkBytes) && gap.last == 999_999)
  }

  @Test func holeOfACopyTruncatedFileIsAGap() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.run { tail in
      scratch.append(String(repeating: "line\n", count: 2000), to: "log")
      try await tail.until { $0.lines.count == 2000 }
      scratch.truncate("log")
      scratch.write("after\n", to: "log", at: 10_000)
      try await tail.until { $0.lines.last == "after" }
    }
    #expect(tail.now.lines.count == 2001)
    let gaps = tail.now.gaps
    #expect(gaps.count == 1 && gaps[0].reason == .hole && gaps[0].first == 0 && gaps[0].last == 9_999)
  }

  @Test(arguments: ["create", "copytruncate"]) func logrotate(how: String) throws {
    let scratch = scratch
    let config = "\"\(scratch.path("log"))\" {\n rotate 3\n \(how)\n missingok\n}\n"
    scratch.append(config, to: "rotate.conf")
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.run { tail in
      var expected: [String] = []
      for round in 0..<3 {
        for line in 0..<50 { scratch.append("round \(round) line \(line)\n", to: "log") }
        expected += (0..<50).map { "round \(round) line \($0)" }
        let wanted = expected
        try await tail.until(lines: wanted)
        let status = Scratch.run(
          "/usr/sbin/logrotate", ["-f", "-s", scratch.path("state").string, scratch.path("rotate.conf").string])
        try #require(status == 0)
      }
      scratch.append("end\n", to: "log")
      let wanted = expected + ["end"]
      try await tail.until(lines: wanted)
    }
    #expect(tail.now.gaps.isEmpty)
  }
}
