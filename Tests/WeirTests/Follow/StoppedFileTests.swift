import Coroutines
import SystemPackage
import Testing

@testable import Weir

/// What is known of a file that is stopped, and that the next run could not know, is said; and in which order files are
/// told of.
@Suite struct StoppedFileTests {
  let scratch = Scratch()

  /// Follows a log of one line, and reads that.
  private func follow(
    known: KnownPositions? = nil, _ body: @escaping @Sendable (Tail, FollowedFile) async throws -> Void
  ) throws {
    scratch.append("former\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, known: known)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      try await body(tail, file)
      await tail.follower.stop()
    }
  }

  private func readLine(of file: FollowedFile) async throws {
    guard case .batch(let batch) = try await file.next(), batch.end == 7 else { throw Tail.TooLate() }
  }

  @Test func deletedFileIsGivenUpWithAllThatIsKnownOfIt() throws {
    let scratch = scratch
    try follow { [self] tail, file in
      try await readLine(of: file)
      scratch.append("unread\n", to: "log")
      scratch.remove("log")
      await tail.follower.stop()
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.first == 7 && gap.last == 13 && gap.reason == .lostInRotation)
      guard case .batch(let end) = try await file.next() else { throw Tail.TooLate() }
      #expect(end.end == 7 && end.ending == .lost)
      #expect(try await file.next() == nil)
    }
  }

  /// What is behind its checkpoints is found, or missed, by who follows it again.
  @Test func ofADeletedFileThatNobodyReadsAnyMoreNothingIsSaid() throws {
    let scratch = scratch
    try follow { [self] tail, file in
      try await readLine(of: file)
      scratch.append("unread\n", to: "log")
      scratch.remove("log")
      await tail.follower.remove([0])
      guard case .change(.left) = try await file.next() else { throw Tail.TooLate() }
      await tail.follower.release(file)
      #expect(tail.log.troubles == [], "no row says so")
      #expect(try await file.next() == nil)
    }
  }

  /// Sinks were told that nothing more is expected; deleted while nobody runs, it would be missed by nobody.
  @Test func linesThatComeLateAreExpectedByTheNextRun() throws {
    let scratch = scratch
    try follow { [self] tail, file in
      try await readLine(of: file)
      scratch.rename("log", "log.1")
      scratch.append("next\n", to: "log")
      guard case .batch(let read) = try await file.next(), read.ending == .read else { throw Tail.TooLate() }
      scratch.append("late\n", to: "log.1")
      await tail.follower.stop()
      guard case .batch(let place) = try await file.next() else { throw Tail.TooLate() }
      #expect(place.start == 7 && place.end == 7 && place.ending == nil)
      #expect(try await file.next() == nil)
    }
  }

  /// It may be a copy of it.
  @Test func deletedFileIsLeftToTheNextRunBesideARotatedOne() throws {
    let scratch = scratch
    scratch.append("older\n", to: "log.1")
    try follow { [self] tail, file in
      try await readLine(of: file)
      scratch.append("unread\n", to: "log")
      scratch.remove("log")
      await tail.follower.stop()
      #expect(try await file.next() == nil)
    }
  }

  /// It may have been compressed before more was written to it.
  @Test func deletedFileIsLeftByWhatWasSeenOfItFirst() throws {
    let scratch = scratch
    scratch.append("older\n", to: "log.1")
    try follow { tail, file in
      scratch.append("late\n", to: "log")
      scratch.remove("log")
      await tail.follower.stop()
      guard case .batch(let unread) = try await file.next() else { throw Tail.TooLate() }
      #expect(unread.end == 0 && unread.head.byteCount == 7)
      #expect(try await file.next() == nil)
    }
  }

  @Test func howTheNextGenerationBeginsIsToldThoughTheFormerEndsJustNow() throws {
    let scratch = scratch
    try follow { [self] tail, file in
      try await readLine(of: file)
      scratch.truncate("log")
      scratch.append("new\n", to: "log")
      guard case .batch(let end) = try await file.next() else { throw Tail.TooLate() }
      #expect(end.start == 7 && end.end == 7)
      await tail.follower.stop()
      guard case .batch(let next) = try await file.next() else { throw Tail.TooLate() }
      #expect(next.end == 0 && next.head.byteCount == 4)
      #expect(try await file.next() == nil)
    }
  }

  @Test func generationsThatCameAndWentAreSaidWhereThereIsNoCopy() throws {
    let scratch = scratch
    try follow { [self] tail, file in
      try await readLine(of: file)
      for content in ["a second one\n", "third\n"] {
        scratch.truncate("log")
        scratch.append(content, to: "log")
        await file.noteSize()
      }
      await tail.follower.stop()
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.first == 0 && gap.last == 12 && gap.reason == .truncated)
      #expect(try await file.next() == nil)
    }
  }

  @Test func whatACompressedCopyLacksIsSaid() throws {
    let scratch = scratch
    try follow { [self] tail, file in
      try await readLine(of: file)
      scratch.append("copied\n", to: "log")
      Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
      scratch.append("late\n", to: "log")
      await file.noteSize()
      scratch.truncate("log")
      scratch.gzip("log.1")
      guard case .batch(let copied) = try await file.next(), copied.end == 14 else { throw Tail.TooLate() }
      await tail.follower.stop()
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.first == 14 && gap.last == 18 && gap.reason == .truncated)
    }
  }

  @Test func whatWasLostBeforeItBeganIsSaid() throws {
    scratch.append("", to: "log")
    let status = try LinuxFiles().status(of: scratch.path("log"))
    let unread = Checkpoint(
      path: scratch.path("log"), identity: status.identity, head: Fingerprint(byteCount: 7, hash: 1), offset: 0,
      marker: .none)
    try follow(known: known([unread])) { tail, file in
      await tail.follower.stop()
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.first == 0 && gap.reason == .replaced)
    }
  }

  @Test func aFileIsToldOfAfterTheOneBeforeIt() throws {
    let scratch = scratch
    try follow { tail, elder in
      scratch.rename("log", "log.1")
      scratch.append("next\n", to: "log")
      let file = try #require(try await tail.follower.nextFile())
      let waiting = tail.scheduler.spawn(name: "wait") { try await file.waitForElder() }
      for _ in 0..<20 { await Task.yield() }
      #expect(waiting.result == nil)
      await elder.noteTold()
      try await waiting.value
    }
  }

  @Test func anUnreadRotatedFileSaysWhenItWasLastWrittenTo() throws {
    scratch.append("line\n", to: "log.1")
    let (source, status) = try LinuxFiles().open(scratch.path("log.1"))
    guard case .file(let file) = source else { throw Tail.TooLate() }
    let clock = VirtualClock(wall: status.modifiedAt + .seconds(100))
    let opening = FileOpening(
      file: file, status: status, origin: Origin(path: scratch.path("log"), identity: status.identity), clock: clock,
      isRotated: true)
    #expect(try opening.start(at: 0).readAtMilliseconds == status.modifiedAt.wholeMilliseconds)
    #expect(try opening.start(at: 5).readAtMilliseconds == clock.wall.wholeMilliseconds)
  }
}
