import Coroutines
import Glibc
import Logging
import SystemPackage
import Testing

@testable import Weir

/// A FIFO that may be read and not written to.
@Suite struct FifoTests {
  let scratch = Scratch()

  /// Opens as one who may only read: root, who may do all, as another user on this thread.
  private func openReadOnly(_ path: FilePath) throws -> (source: FileSource, status: FileStatus) {
    precondition(chmod(scratch.folder.string, 0o755) == 0 && chmod(path.string, 0o444) == 0)
    guard geteuid() == 0 else { return try LinuxFiles().open(path) }
    // setfsuid(2) is of this thread alone, and in no header that the Glibc module has.
    let setfsuid = unsafeBitCast(dlsym(nil, "setfsuid"), to: (@convention(c) (uid_t) -> Int32).self)
    _ = setfsuid(65_534)
    defer { _ = setfsuid(0) }
    return try LinuxFiles().open(path)
  }

  /// Whether poll(2) says anything of what it reads.
  private static func isReady(_ followed: FollowedFile) async -> Bool {
    guard case .stream(let stream) = await followed.source else { return false }
    var waited = pollfd(fd: stream.number, events: Int16(POLLIN), revents: 0)
    return poll(&waited, 1, 0) != 0
  }

  @Test func isReadAsWritersComeAndGo() throws {
    let scratch = scratch
    let path = scratch.path("pipe")
    precondition(mkfifo(path.string, 0o600) == 0)
    let (source, status) = try openReadOnly(path)
    #expect(status.kind == .fifo)
    guard case .stream(let stream) = source else { throw Tail.TooLate() }
    #expect(fcntl(stream.number, F_GETFL) & O_ACCMODE == O_RDONLY)
    let tape = LogTape()
    let scheduler = Scheduler(clock: SystemClock())
    let followed = FollowedFile(
      source: source, starts: [],
      reader: LineReader(
        origin: Origin(path: path, identity: nil), offset: 0, lead: [], head: FileHead(), maxLineBytes: 100),
      limit: nil, predecessor: nil,
      surroundings: FollowedFile.Surroundings(
        scheduler: scheduler, files: LinuxFiles(), pool: BlockPool(), log: Logger(label: "test") { _ in tape },
        own: OwnFiles(),
        ended: { _ in },
        noteForeign: { _, _ in },
        originality: { _, _ in .original }))
    try scheduler.run {
      for (text, wanted) in [("one\ntw", "one\n"), ("o\n", "two\n"), ("three\n", "three\n")] {
        let next = scheduler.spawn(name: "next") { try await followed.next() }
        // Without a writer there is nothing to wake for.
        let deadline = ContinuousClock().now + .seconds(10)
        while await Self.isReady(followed) {
          guard ContinuousClock().now < deadline else { throw Tail.TooLate() }
          try await scheduler.sleep(for: .microseconds(500))
        }
        scratch.append(text, to: "pipe")
        guard case .batch(let batch)? = try await next.value else { throw Tail.TooLate() }
        #expect(batch.withBytes { String(decoding: $0, as: UTF8.self) } == wanted)
      }
      await followed.stop()
      #expect(try await followed.next() == nil)
    }
    #expect(tape.troubles.isEmpty)
  }

  private func follow(_ path: FilePath, on scheduler: Scheduler) throws -> FollowedFile {
    precondition(mkfifo(path.string, 0o600) == 0)
    return FollowedFile(
      source: try openReadOnly(path).source, starts: [],
      reader: LineReader(
        origin: Origin(path: path, identity: nil), offset: 0, lead: [], head: FileHead(), maxLineBytes: 100),
      limit: nil, predecessor: nil,
      surroundings: FollowedFile.Surroundings(
        scheduler: scheduler, files: LinuxFiles(), pool: BlockPool(), log: Logger(label: "test") { _ in LogTape() },
        own: OwnFiles(), ended: { _ in }, noteForeign: { _, _ in }, originality: { _, _ in .original }))
  }

  private func text(of reading: Reading?) -> String? {
    guard case .batch(let batch) = reading else { return nil }
    return batch.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// It cannot be read again.
  @Test func givesAllThatWasReadAsItIsStopped() throws {
    let (scratch, scheduler) = (scratch, Scheduler())
    let followed = try follow(scratch.path("pipe"), on: scheduler)
    let long = String(repeating: "x", count: 150)
    try scheduler.run { [self] in
      let first = scheduler.spawn(name: "next") { try await followed.next() }
      scratch.append("one\n\(long)\ntwo\nhalf", to: "pipe")
      let read = try await first.value
      #expect(text(of: read) == "one\n")
      await followed.stop()
      guard case .gap(let gap) = try await followed.next() else { throw Tail.TooLate() }
      #expect(gap.reason == .tooLong && gap.first == 104 && gap.last == 153)
      var rest: [String] = []
      while let reading = try await followed.next() { rest += text(of: reading).map { [$0] } ?? [] }
      #expect(rest == [String(repeating: "x", count: 100), "two\n", "half"])
    }
  }

  /// What is in its place is not held up by a writer that does not know.
  @Test func isWaitedForNoLongerThanItsBytesAreRead() throws {
    let (scratch, scheduler) = (scratch, Scheduler())
    let followed = try follow(scratch.path("pipe"), on: scheduler)
    let next = try follow(scratch.path("next"), on: scheduler)
    try scheduler.run { [self] in
      await followed.precede(next)
      await followed.loseName()
      #expect(await !followed.hasCaughtUp)
      let first = scheduler.spawn(name: "next") { try await followed.next() }
      scratch.append("late\n", to: "pipe")
      let read = try await first.value
      #expect(text(of: read) == "late\n")
      #expect(await followed.hasCaughtUp)
      await followed.stop()
      await next.stop()
    }
  }
}
