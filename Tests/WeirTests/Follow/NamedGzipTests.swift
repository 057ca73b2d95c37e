import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// Gzip files that are followed by their own name.
@Suite struct NamedGzipTests {
  let scratch = Scratch()

  private func pack(_ text: String, to name: String, _ flags: Int32 = O_APPEND) {
    scratch.write(GzipFileTests.gzip(Array(text.utf8), in: scratch), to: name, flags)
  }

  private func once(
    _ start: FollowPlan.Start = .beginning, _ name: String = "log.gz", after known: KnownPositions? = nil
  ) throws -> Tail {
    let tail = Tail([FollowPlan(paths: [scratch.path(name)], start: start)], known: known, isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    return tail
  }

  @Test func readsFromTheBeginningAndTheLastLines() throws {
    pack("a\nb\n", to: "log.gz")
    pack("c\nd", to: "log.gz")
    for (start, lines) in [
      (FollowPlan.Start.beginning, ["a", "b", "c", "d"]), (.lastLines(2), ["c", "d"]), (.lastLines(1), ["d"]),
      (.lastLines(4), ["a", "b", "c", "d"]), (.lastLines(9), ["a", "b", "c", "d"]), (.lastLines(0), []),
    ] {
      let tail = try once(start)
      #expect(tail.lines == lines && tail.log.troubles.isEmpty)
    }
    let text = GzipFileTests.text(3_000_000) + Array("\n".utf8)
    scratch.write(GzipFileTests.gzip(text, in: scratch), to: "large.gz")
    let lines = text.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    #expect(try once(.lastLines(10), "large.gz").lines == lines.suffix(10))
    #expect(try once(.lastLines(30_000), "large.gz").lines == lines.suffix(30_000))
  }

  @Test func goesOnAtItsCheckpoint() throws {
    pack("one\ntwo", to: "log.gz")
    let first = try once()
    #expect(first.lines == ["one", "two"])
    var checkpoint = try #require(first.now.batches.last?.checkpoint)
    #expect(checkpoint.offset == 7)
    #expect(try once(after: known([checkpoint])).lines.isEmpty)
    pack(" more\nthree\n", to: "log.gz")
    let second = try once(after: known([checkpoint]))
    #expect(second.lines == [" more", "three"])
    checkpoint = try #require(second.now.batches.last?.checkpoint)
    // As logrotate does with it; another file has its name.
    scratch.rename("log.gz", "log.2.gz")
    pack("other\n", to: "log.gz")
    #expect(try once(after: known([checkpoint])).lines == ["other"])
  }

  @Test func isFollowedAsItGrows() throws {
    let scratch = scratch
    pack("old\n", to: "log.gz")
    let tail = Tail(scratch.path("log.gz"))
    try tail.run { [self] tail in
      try await tail.until { $0.files.count == 1 }
      #expect(tail.now.files[0].firstStarts[0].offsets == [4])
      pack("one\ntwo", to: "log.gz")
      try await tail.until(lines: ["one"])
      // Half a member: what is there of it is content.
      let lines = (0..<5000).map { "line \($0 &* 2_654_435_761)" }
      let packed = GzipFileTests.gzip(Array(lines.joined(separator: "\n").utf8) + [0x0a], in: scratch)
      scratch.write(Array(packed.prefix(packed.count / 2)), to: "log.gz", O_APPEND)
      try await tail.until { $0.lines.count > 1000 }
      scratch.write(Array(packed.dropFirst(packed.count / 2)), to: "log.gz", O_APPEND)
      try await tail.until { $0.lines.count == 5001 }
      #expect(tail.lines == ["one", "two" + lines[0]] + lines.dropFirst())
    }
    #expect(tail.log.troubles.isEmpty && tail.now.gaps.isEmpty)
  }

  @Test func writtenAnewAndReplaced() throws {
    let scratch = scratch
    pack("one\nrest", to: "log.gz")
    let tail = Tail(scratch.path("log.gz"), from: .beginning, clock: VirtualClock())
    try tail.run { [self] tail in
      try await tail.until(lines: ["one"])
      pack("two\n", to: "log.gz", O_TRUNC)
      try await tail.until(lines: ["one", "rest", "two"])
      pack("three is longer\nthan two\n", to: "log.gz", O_TRUNC)
      try await tail.until { $0.lines.last == "than two" }
      pack("four\n", to: "new")
      scratch.rename("new", "log.gz")
      try await tail.until { $0.lines.last == "four" && $0.ended == 1 }
    }
    #expect(tail.lines == ["one", "rest", "two", "three is longer", "than two", "four"])
  }

  @Test func emptyAndForeignFiles() throws {
    scratch.append("", to: "log.gz")
    let tail = Tail(scratch.path("log.gz"), from: .beginning)
    try tail.run { [self] tail in
      try await tail.until { $0.files.count == 1 }
      pack("one\n", to: "log.gz")
      try await tail.until(lines: ["one"])
    }
    scratch.append("this is text\n", to: "text.gz")
    let text = try once(.beginning, "text.gz")
    #expect(text.now.files.isEmpty && text.log.troubles.count == 1)
    #expect(
      text.log.troubles[0] == "\(scratch.path("text.gz")) is named as compressed, and is not: it is not read as text")
    pack("x\n", to: "other")
    #expect(try once(.beginning, "other").lines == ["x"])
    pack("y\n", to: "a.gz")
    #expect(try once(.beginning, "{a,b}.gz").lines == ["y"])
    #expect(try once(.beginning, "*.gz").lines.isEmpty)
    let both = Tail([FollowPlan(paths: [scratch.path("*.gz"), scratch.path("a.gz")], start: .beginning)], isOnce: true)
    try both.run { try await $0.until { $0.isFinished } }
    #expect(both.lines == ["y"])
  }

  @Test func pipelinesWithDifferentBoundsReadItApart() throws {
    pack(String(repeating: "0123456789\n", count: 20_000), to: "log.gz")
    let plans = [5, 100].map {
      [FollowPlan(paths: [scratch.path("log.gz")], start: .beginning, maxLineBytes: $0)]
    }
    let unknown = KnownPositions(hasRunBefore: false, sinkCheckpoints: [[]])
    let tail = Tail(pipelines: plans, known: [unknown, unknown], isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.now.pipelineLines[0]?.count == 20_000 && tail.now.pipelineLines[1]?.count == 20_000)
  }

  @Test(arguments: [false, true]) func damageIsSaidOnce(isOnce: Bool) throws {
    let scratch = scratch
    let text = GzipFileTests.text(200_000)
    var packed = GzipFileTests.gzip(text, in: scratch)
    packed[packed.count - 6] ^= 1  // the checksum
    scratch.write(packed, to: "log.gz")
    let plan = FollowPlan(paths: [scratch.path("log.gz")], start: .beginning)
    let tail = Tail([plan], isOnce: isOnce, clock: VirtualClock())
    try tail.run { tail in
      try await tail.until { $0.gaps.count == 1 && (!isOnce || $0.isFinished) }
      if isOnce { return }
      for _ in 0..<3 {
        scratch.write([0], to: "log.gz", O_APPEND)
        try await tail.scheduler.sleep(for: .seconds(60))
      }
      scratch.write(GzipFileTests.gzip(Array("good\n".utf8), in: scratch), to: "log.gz")
      try await tail.until { $0.lines.last == "good" }
    }
    #expect(tail.now.gaps.map(\.reason) == [.unreadable] && tail.now.gaps[0].first == 200_000)
    #expect(tail.log.messages.filter { $0.contains("error") }.count == 1)
    #expect(tail.log.troubles.contains { $0.contains("log.gz is damaged: incorrect data check; what its content has") })
    let lines = text.split(separator: 0x0a).count
    #expect(tail.lines.count == lines + (isOnce ? 0 : 1))
  }

  @Test func onceReadsWhatIsThereOfACutOffFile() throws {
    let text = GzipFileTests.text(300_000)
    let packed = GzipFileTests.gzip(text, in: scratch)
    scratch.write(Array(packed.prefix(packed.count / 2)), to: "log.gz")
    let first = try once()
    #expect(first.lines.count > 1000 && first.now.gaps.isEmpty && first.log.troubles.count == 1)
    scratch.write(packed, to: "log.gz")
    let checkpoint = try #require(first.now.batches.last?.checkpoint)
    let second = try once(after: known([checkpoint]))
    let all = text.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    // The line that was cut was given out as it was then.
    #expect(first.lines.dropLast() + [first.lines.last! + second.lines[0]] + second.lines.dropFirst() == all)
  }
}
