import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// Files that were rotated while nobody looked.
@Suite struct MissedRotationTests {
  let scratch = Scratch()

  /// Reads all that is there, as each of these pipelines; gives what sinks have as checkpoints then.
  private func read(
    _ pipelines: [[FilePath]], after checkpoints: [Checkpoint]? = nil
  ) throws -> (tail: Tail, checkpoints: [Checkpoint]) {
    let positions = KnownPositions(hasRunBefore: checkpoints != nil, sinkCheckpoints: [checkpoints ?? []])
    let tail = Tail(
      pipelines: pipelines.map { [FollowPlan(paths: $0, start: .beginning)] }, known: pipelines.map { _ in positions },
      isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    var last: [FileIdentity: Checkpoint] = [:]
    for checkpoint in (checkpoints ?? []) + tail.now.told.compactMap(\.checkpoint) {
      last[checkpoint.identity] = checkpoint
    }
    return (tail, Array(last.values))
  }

  @Test func pipelineWithAPlainPathReadsWhatAnotherFollowsByItsNewName() throws {
    scratch.append("one\n", to: "log")
    let pipelines = [[scratch.path("log*")], [scratch.path("log")]]
    let first = try read(pipelines)
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.append("three\n", to: "log")
    let second = try read(pipelines, after: first.checkpoints).tail.now
    #expect(second.pipelineLines[0]?.sorted() == ["three", "two"])
    #expect(second.pipelineLines[1] == ["two", "three"])
  }

  @Test func fileThatTwoFollowedNamesLedToIsReadOnce() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    let first = try read([[scratch.path("log")]]).checkpoints[0]
    var other = first
    other.path = scratch.path("other")
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    let tail = Tail(
      pipelines: [[FollowPlan(paths: [first.path])], [FollowPlan(paths: [other.path])]],
      known: [first, other].map { known([$0]) })
    try tail.run { tail in
      try await tail.until { $0.pipelineLines[0] == ["two"] && $0.pipelineLines[1] == ["two"] }
    }
    #expect(tail.now.isFinished && tail.now.ended == 2, "every reader is stopped")
  }

  /// Each as its own bound has it.
  @Test func twoBoundsOfLinesHoldInARotatedFileToo() throws {
    scratch.append("one\n", to: "log")
    let positions = known(try read([[scratch.path("log")]]).checkpoints)
    scratch.append("twenty bytes of line\n", to: "log")
    scratch.rename("log", "log.1")
    scratch.append("two\n", to: "log")
    let plans = [100, 10].map { FollowPlan(paths: [scratch.path("log")], start: .beginning, maxLineBytes: $0) }
    let tail = Tail(pipelines: plans.map { [$0] }, known: [positions, positions], isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.now.pipelineLines == [0: ["twenty bytes of line", "two"], 1: ["twenty byt", "two"]])
    #expect(tail.now.gaps.map(\.reason) == [.tooLong])
  }

  @Test func rotatedTwiceWhileDown() throws {
    scratch.append("one\n", to: "log")
    scratch.append("older than weir\n", to: "log.1")
    Scratch.run("/usr/bin/touch", ["-d", "2020-01-01", scratch.path("log.1").string])
    let first = try read([[scratch.path("log")]])
    scratch.append("two\n", to: "log")
    scratch.rename("log.1", "log.3")
    scratch.rename("log", "log.2")
    scratch.append("three\n", to: "log.1")
    scratch.append("four\n", to: "log")
    let second = try read([[scratch.path("log")]], after: first.checkpoints)
    #expect(second.tail.lines == ["two", "three", "four"])
    scratch.append("five\n", to: "log")
    #expect(try read([[scratch.path("log")]], after: second.checkpoints).tail.lines == ["five"])
  }

  @Test func rotatedTwiceWhileDownAfterAllWasRead() throws {
    scratch.append("one\n", to: "log")
    let pipelines = [[scratch.path("log")], [scratch.path("log*")]]
    let first = try read(pipelines)
    scratch.rename("log", "log-20260101")
    scratch.append("two\n", to: "log-20260102")
    scratch.append("three\n", to: "log-20260103")
    scratch.append("four\n", to: "log")
    let second = try read(pipelines, after: first.checkpoints).tail.now
    #expect(second.pipelineLines[0] == ["two", "three", "four"])
    #expect(second.pipelineLines[1]?.sorted() == ["four", "three", "two"])
  }

  @Test func rotatedTwiceBetweenTwoLooks() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.run { tail in
      scratch.append("one\n", to: "log")
      try await tail.until(lines: ["one"])
      // No turn is given to the follower between these.
      scratch.append("two\n", to: "log")
      scratch.rename("log", "log.2")
      scratch.append("three\n", to: "log")
      scratch.rename("log", "log.1")
      scratch.append("four\n", to: "log")
      try await tail.until(lines: ["one", "two", "three", "four"])
    }
    #expect(tail.now.gaps.isEmpty && tail.now.isFinished)
  }

  @Test func whatOneSinkHasReadIsNewToAnother() throws {
    scratch.append("one\n", to: "log")
    let one = try read([[scratch.path("log")]]).checkpoints
    scratch.rename("log", "log.2")
    scratch.append("two\n", to: "log")
    let both = try read([[scratch.path("log")]], after: one).checkpoints
    scratch.rename("log", "log.1")
    scratch.append("three\n", to: "log")
    let positions = KnownPositions(hasRunBefore: true, sinkCheckpoints: [one, both])
    let tail = Tail([FollowPlan(paths: [scratch.path("log")])], known: positions, isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.lines == ["two", "three"])
    #expect(tail.now.files.flatMap(\.firstStarts).map { $0.sinks.map { $0?.end } } == [[0, nil], [0, 0]])
  }

  @Test func filesThatNoRotationNamesAreNotTakenForRotated() throws {
    scratch.append("one\n", to: "app.log")
    let first = try read([[scratch.path("app.log")]])
    scratch.rename("app.log", "app.log.1")
    for name in ["app-errors.log", "app.log.old", "app-2.log", "app.log.0.lock"] {
      scratch.append("foreign\n", to: name)
    }
    scratch.append("two\n", to: "app.log")
    #expect(try read([[scratch.path("app.log")]], after: first.checkpoints).tail.lines == ["two"])
  }

  /// Said once, whether its inode is free then, which the next file often has, or not.
  @Test(arguments: [true, false]) func rotatedAndCompressedByAnotherWhileDownIsAGap(isInodeFree: Bool) throws {
    scratch.append("one\n", to: "log")
    let first = try read([[scratch.path("log")]])
    scratch.append("two\n", to: "log")
    scratch.rename("log", "log.1")
    let holder = isInodeFree ? nil : try FileDescriptor.open(scratch.path("log.1"), .readOnly)
    defer { try? holder?.close() }
    Scratch.run("/usr/bin/xz", [scratch.path("log.1").string])
    scratch.append("three\n", to: "log")
    let second = try read([[scratch.path("log")]], after: first.checkpoints)
    let gaps = second.tail.now.gaps
    #expect(second.tail.lines == ["three"])
    #expect(gaps.map(\.reason) == [.lostInRotation] && gaps.first?.first == 4 && gaps.first?.last == 4)
    #expect(gaps.first?.origin.path == scratch.path("log"))
    #expect(second.tail.log.troubles.contains { $0.contains("log.1.xz") })
    let third = try read([[scratch.path("log")]], after: second.checkpoints).tail
    #expect(third.now.gaps.isEmpty && third.log.troubles.isEmpty)
  }

  @Test func compressedAfterAllWasReadIsNoGap() throws {
    scratch.append("one\n", to: "log")
    let first = try read([[scratch.path("log")]])
    scratch.rename("log", "log.1")
    Scratch.run("/bin/gzip", [scratch.path("log.1").string])
    scratch.append("two\n", to: "log")
    let second = try read([[scratch.path("log")]], after: first.checkpoints).tail
    #expect(second.lines == ["two"] && second.now.gaps.isEmpty && second.log.troubles.isEmpty)
  }

  @Test func replacedWhileDownIsAGap() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    let first = try read([[scratch.path("log")]])
    scratch.append("two\n", to: "new")
    scratch.rename("new", "log")
    let second = try read([[scratch.path("log")]], after: first.checkpoints).tail
    #expect(second.lines == ["two"] && second.now.gaps.map(\.reason) == [.replaced])
    #expect(second.log.troubles.count == 1)
  }

  @Test func filesThatWereDeletedUnderAGlobAreNotMissed() throws {
    scratch.append("one\n", to: "a.log")
    scratch.append("two\n", to: "b.log")
    let first = try read([[scratch.path("*.log")]])
    scratch.remove("a.log")
    let second = try read([[scratch.path("*.log")]], after: first.checkpoints).tail
    #expect(second.lines.isEmpty && second.now.gaps.isEmpty && second.log.troubles.isEmpty)
  }

  @Test func truncatedWhileDownIsSaid() throws {
    scratch.append("a first line\n", to: "log")
    let first = try read([[scratch.path("log")]])
    scratch.truncate("log")
    scratch.append("two\n", to: "log")
    let second = try read([[scratch.path("log")]], after: first.checkpoints).tail
    #expect(second.lines == ["two"] && second.now.gaps.map(\.reason) == [.truncated])
    #expect(second.log.troubles.count == 1)
  }

  @Test func fileThatIsReplacedAfterAPauseIsAGapToo() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    let first = try read([[scratch.path("log")]])
    scratch.remove("log")
    let tail = Tail(scratch.path("log"), known: known(first.checkpoints))
    try tail.run { tail in
      scratch.append("two\n", to: "log")
      try await tail.until(lines: ["two"])
    }
    #expect(tail.now.gaps.map(\.reason) == [.replaced])
  }

  /// A store has read a line behind the banner, and a printer's checkpoint is of when the file was opened, just before:
  /// that one fits any file with the banner and the inode.
  @Test func whatOneSinkReadTellsAFileWithItsInodeAndBannerForAnotherToo() throws {
    let banner = String(repeating: "a banner of 21 bytes\n", count: 100)
    for (name, line) in [("log.2", "two\n"), ("log.1", "three\n"), ("log", "four\n")] {
      scratch.append(banner + line, to: name)
    }
    let status = try LinuxFiles().status(of: scratch.path("log.1"))
    let read = read(banner + "one\n", status)
    var opened = read
    (opened.offset, opened.marker) = (0, .none)
    let known = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[read], [opened]])
    let tail = Tail([FollowPlan(paths: [scratch.path("log")])], known: known, isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.lines.filter { !$0.hasPrefix("a banner") } == ["two", "three", "four"])
  }

  /// A second before the file of that status was written to, as one with its inode was read to the end of this text.
  private func read(_ text: String, _ status: FileStatus) -> Checkpoint {
    let bytes = Array(text.utf8)
    var read = Checkpoint(
      path: scratch.path("log"), identity: status.identity,
      head: bytes.prefix(FileHead.byteLimit).withUnsafeBytes { Fingerprint(of: $0) }, offset: UInt64(bytes.count),
      marker: bytes.withUnsafeBytes { Fingerprint.marker(before: $0) })
    read.readAtMilliseconds = status.modifiedAt.wholeMilliseconds - 1000
    return read
  }

  /// Of a file its banner was read before a kill, and another has its inode and its name.
  @Test func filesBeforeOneThatHasTheInodeAndTheBannerOfTheLastOneAreRead() throws {
    let banner = String(repeating: "a banner of 21 bytes\n", count: 100)
    for (name, line) in [("log.2", "two\n"), ("log.1", "three\n"), ("log", "four\n")] {
      scratch.append(banner + line, to: name)
    }
    let last = read(banner, try LinuxFiles().status(of: scratch.path("log")))
    var elder = read(banner + "one\n", try LinuxFiles().status(of: scratch.path("log")))
    elder.identity = FileIdentity(device: last.identity.device, inode: .max)
    elder.isDone = true
    let known = KnownPositions(hasRunBefore: true, sinkCheckpoints: [[elder, last]])
    let tail = Tail([FollowPlan(paths: [scratch.path("log")])], known: known, isOnce: true)
    try tail.run { try await $0.until { $0.isFinished } }
    #expect(tail.lines.filter { !$0.hasPrefix("a banner") } == ["two", "three", "four"])
  }
}
