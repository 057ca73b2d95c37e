import Coroutines
import Glibc
import Logging
import SystemPackage
import Testing

@testable import Weir

/// Bytes that cannot be delivered are said before anything is, that would let a kill or a stop forget them.
@Suite struct LostBytesTests {
  let scratch = Scratch()

  @Test func gapOfALongLineComesBeforeItsBatch() throws {
    let scratch = scratch
    scratch.append("0123456789\nshort\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning, maxLineBytes: 5)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .tooLong && gap.first == 5 && gap.last == 9)
      guard case .batch(let batch) = try await file.next() else { throw Tail.TooLate() }
      #expect(batch.isTruncated && batch.end == 11)
      await tail.follower.stop()
      #expect(try await file.next() == nil, "what can be read again is not given after a stop")
    }
  }

  /// Opens, reads the first chunk, and truncates.
  private func truncate(
    _ tail: Tail, to size: Int, _ body: @escaping @Sendable (FollowedFile) async throws -> Void
  ) throws {
    let scratch = scratch
    scratch.append(String(repeating: "a line of 21 bytes..\n", count: 50_000), to: "log")
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch = try await file.next() else { throw Tail.TooLate() }
      scratch.truncate("log", to: size)
      try await body(file)
      await tail.follower.stop()
    }
  }

  private static let readCount = UInt64(FollowedFile.chunkBytes)

  @Test func endOfATruncatedGenerationIsGivenAfterAStop() throws {
    let tail = Tail(scratch.path("log"), from: .beginning)
    try truncate(tail, to: 0) { file in
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .truncated && gap.first == Self.readCount && gap.last == 1_049_999)
      await tail.follower.stop()
      guard case .batch(let rest) = try await file.next() else { throw Tail.TooLate() }
      #expect(rest.end == Self.readCount)
      guard case .batch(let end) = try await file.next() else { throw Tail.TooLate() }
      #expect(end.start == Self.readCount && end.end == Self.readCount)
      #expect(try await file.next() == nil)
    }
  }

  @Test func truncatedToMoreThanWasRead() throws {
    let tail = Tail(scratch.path("log"), from: .beginning)
    try truncate(tail, to: 990_000) { file in
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .truncated && gap.first == 990_000 && gap.last == 1_049_999)
      guard case .batch(let rest) = try await file.next() else { throw Tail.TooLate() }
      #expect(rest.end == 989_982)
    }
  }

  @Test func truncationThatIsSeenWhileReadersAreBehindIsKeptThroughAStop() throws {
    let tail = Tail(scratch.path("log"), from: .beginning)
    try truncate(tail, to: 990_000) { file in
      await file.noteSize()
      await tail.follower.stop()
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .truncated && gap.first == 990_000 && gap.last == 1_049_999)
      #expect(try await file.next() == nil)
    }
  }

  /// A file of which all was read is written anew with each of these, which is seen and not read.
  ///
  /// - Returns: the gaps that are said first, and where the batches after them begin and end.
  private func rewrite(_ contents: String...) throws -> (gaps: [Gap], batches: [ClosedRange<UInt64>]) {
    let scratch = scratch
    scratch.append("former\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning)
    return try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch(let former) = try await file.next(), former.end == 7 else { throw Tail.TooLate() }
      for content in contents {
        scratch.truncate("log", to: 0)
        scratch.append(content, to: "log")
        await file.noteSize()
      }
      var (gaps, batches): ([Gap], [ClosedRange<UInt64>]) = ([], [])
      while batches.count < 2, let reading = try await file.next() {
        switch reading {
        case .gap(let gap) where batches.isEmpty: gaps.append(gap)
        case .batch(let batch): batches.append(batch.start...batch.end)
        default: throw Tail.TooLate()
        }
      }
      await tail.follower.stop()
      return (gaps, batches)
    }
  }

  /// Its size is that of what is there now, and of that nothing is lost.
  @Test func sizeOfARewrittenFileIsNotThatOfTheFormerOne() throws {
    let seen = try rewrite("other lines, and more of them\n")
    #expect(seen.gaps == [])
    #expect(seen.batches == [7...7, 0...30])
  }

  /// It was seen to be there, and is over before it is read.
  @Test func contentThatCameAndWentIsLost() throws {
    let seen = try rewrite("other lines, and more of them\n", "last\n")
    #expect(seen.gaps.map(\.reason) == [.truncated])
    #expect(seen.gaps.first?.first == 0 && seen.gaps.first?.last == 29)
    #expect(seen.batches == [7...7, 0...5])
  }

  /// By that it is found again, should it be rotated away before the next start.
  @Test func stopTellsHowAnUnreadFileBegins() throws {
    let scratch = scratch
    scratch.append("", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      scratch.append("line\n", to: "log")
      await tail.follower.stop()
      guard case .batch(let start) = try await file.next() else { throw Tail.TooLate() }
      #expect(start.start == 0 && start.end == 0 && start.head.byteCount == 5)
      #expect(try await file.next() == nil)
    }
  }

  @Test func renamedPipelineKnowsHowAnUnreadFileBegins() throws {
    let scratch = scratch
    scratch.append("line\n", to: "log")
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      let renamed = FollowedPipeline(number: 1, follow: [], known: known([]))
      #expect(await file.replace(0, by: renamed))
      guard case .change(.replaced(0, let start)) = try await file.next() else { throw Tail.TooLate() }
      #expect(start.sinks.map { $0?.head.byteCount } == [5])
      await tail.follower.stop()
    }
  }

  /// What another file is is told by this one's bytes, and so it is known how many there were.
  @Test func truncationAfterAnotherFileWasComparedIsSaid() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    scratch.append("foreign\n", to: "log.1")
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch = try await file.next() else { throw Tail.TooLate() }
      scratch.append("two\n", to: "log")
      let other = try Descriptor(opening: scratch.path("log.1"), flags: O_RDONLY)
      #expect(await file.originality(of: other, isRotatedByName: true) == .original)
      scratch.truncate("log")
      scratch.append("new\n", to: "log")
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .truncated && gap.first == 4 && gap.last == 7)
      await tail.follower.stop()
    }
  }

  /// As where nobody tells of changes: the comparison alone has seen it.
  @Test func generationThatWasSeenBesideAnotherFileIsSaid() throws {
    let scratch = scratch
    scratch.append("a first line\n", to: "log")
    scratch.append("foreign\n", to: "log.1")
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch = try await file.next() else { throw Tail.TooLate() }
      scratch.write(Array("second\n".utf8), to: "log")
      let other = try Descriptor(opening: scratch.path("log.1"), flags: O_RDONLY)
      #expect(await file.originality(of: other, isRotatedByName: true) == .unlooked)
      scratch.write(Array("3\n".utf8), to: "log")
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .truncated && gap.first == 0 && gap.last == 6)
      await tail.follower.stop()
    }
  }

  /// A file that cannot be read now is neither a copy nor none.
  @Test func errorSaysNothingOfACopy() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    scratch.append("one\n", to: "log.1")
    let tail = Tail(scratch.path("log"), from: .beginning)
    try tail.scheduler.run {
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      guard case .batch = try await file.next() else { throw Tail.TooLate() }
      // pread(2) fails with EBADF on what is open for writing alone.
      let unreadable = try Descriptor(opening: scratch.path("log.1"), flags: O_WRONLY)
      #expect(await file.originality(of: unreadable, isRotatedByName: true) == .undecided)
      let copy = try Descriptor(opening: scratch.path("log.1"), flags: O_RDONLY)
      #expect(await file.originality(of: copy, isRotatedByName: true) == .copy)
      await tail.follower.stop()
    }
  }

  @Test func rotatedFileThatWasTruncatedEnds() throws {
    let scratch = scratch
    let tail = Tail(scratch.path("log"), from: .beginning, clock: VirtualClock())
    try truncate(tail, to: Int(Self.readCount)) { file in
      guard case .gap = try await file.next() else { throw Tail.TooLate() }
      scratch.remove("log")
      await file.loseName()
      guard case .batch(let place) = try await file.next() else { throw Tail.TooLate() }
      #expect(place.byteCount == 0, "who had nothing in the first batch is told where reading is")
      guard case .batch(let rest) = try await file.next() else { throw Tail.TooLate() }
      #expect(rest.start == place.end && rest.byteCount > 0)
      guard case .batch(let end) = try await file.next() else { throw Tail.TooLate() }
      #expect(end.ending == .read)
      #expect(try await file.next() == nil)
    }
  }

  @Test func onceEndsWhereReadingFails() throws {
    let scratch = scratch
    scratch.append("0123456789", to: "log")
    let path = scratch.path("log")
    let tape = LogTape()
    let scheduler = Scheduler(clock: VirtualClock())
    // pread(2) fails with EBADF on what is open for writing alone.
    let file = try Descriptor(opening: path, flags: O_WRONLY)
    let origin = Origin(path: path, identity: try FileStatus.of(file).identity)
    let followed = FollowedFile(
      source: .file(file), starts: [],
      reader: LineReader(origin: origin, offset: 4, lead: [], head: FileHead(), maxLineBytes: 100), limit: 10,
      predecessor: nil,
      surroundings: FollowedFile.Surroundings(
        scheduler: scheduler, files: LinuxFiles(), pool: BlockPool(), log: Logger(label: "test") { _ in tape },
        own: OwnFiles(),
        ended: { _ in },
        noteForeign: { _, _ in },
        originality: { _, _ in .original }))
    try scheduler.run {
      guard case .gap(let gap) = try await followed.next() else { throw Tail.TooLate() }
      #expect(gap == Gap(origin: origin, first: 4, last: 9, reason: .unreadable))
      #expect(try await followed.next() == nil)
    }
    #expect(tape.messages.contains { $0.hasPrefix("error: cannot read \(path) from byte 4 on") })
  }

  private func copy(_ name: String, _ other: String) {
    Scratch.run("/bin/cp", [scratch.path(name).string, scratch.path(other).string])
  }

  /// The log itself waits to be read meanwhile.
  @Test func whatCopiesLackThatAreReadByThemselvesIsSaid() throws {
    let scratch = scratch
    scratch.append("one\n", to: "log")
    let tail = Tail(scratch.path("log*"), from: .beginning)
    try tail.scheduler.run { [self] in
      try await tail.follow()
      let file = try #require(try await tail.follower.nextFile())
      for (index, content) in ["a second line\n", "end\n"].enumerated() {
        copy("log", "log.\(2 - index)")
        if index == 1 { scratch.append("not copied", to: "log") }
        await file.noteSize()
        scratch.truncate("log")
        scratch.append(content, to: "log")
        await file.noteSize()
        let copy = try #require(try await tail.follower.nextFile())
        guard case .batch = try await copy.next() else { throw Tail.TooLate() }
      }
      guard case .gap(let gap) = try await file.next() else { throw Tail.TooLate() }
      #expect(gap.first == 14 && gap.last == 23)
      guard case .batch(let end) = try await file.next() else { throw Tail.TooLate() }
      #expect(end.end == 4)
      await tail.follower.stop()
    }
  }
}
