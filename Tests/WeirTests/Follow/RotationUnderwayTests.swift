import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// Rotations that go on between two system calls of the follower.
@Suite struct RotationUnderwayTests {
  let scratch = Scratch()

  /// The kernel's files; something happens at some calls.
  private struct MeddledFiles: FileSystem {
    let meddling = Meddling()
    private let files = LinuxFiles()

    func status(of path: FilePath) throws(SystemError) -> FileStatus { try files.status(of: path) }
    func status(ofLink path: FilePath) throws(SystemError) -> FileStatus {
      meddling.happen(at: "lstat")
      return try files.status(ofLink: path)
    }

    func target(ofLink link: FilePath) throws(SystemError) -> FilePath { try files.target(ofLink: link) }
    var openLimit: Int { files.openLimit }
    func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType {
      try files.type(ofFileSystemAt: path)
    }
    func makeEvents() throws(SystemError) -> any FileEvents { try files.makeEvents() }

    func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] {
      let names = try files.names(in: folder)
      meddling.happen(at: "names")
      return names
    }

    func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus) {
      meddling.happen(at: "open")
      return try files.open(path)
    }
  }

  /// What happens at a call of some kind.
  private final class Meddling: Sendable {
    private struct Plan {
      let call: String
      var count: Int
      let act: @Sendable () -> Void
    }

    private let plan = Mutex<Plan?>(nil)

    func plan(at call: String, after count: Int = 0, _ act: @escaping @Sendable () -> Void) {
      plan.withLock { $0 = Plan(call: call, count: count, act: act) }
    }

    func happen(at call: String) {
      let act = plan.withLock { plan -> (@Sendable () -> Void)? in
        guard let planned = plan, planned.call == call else { return nil }
        plan?.count -= 1
        guard planned.count == 0 else { return nil }
        plan = nil
        return planned.act
      }
      act?()
    }

    /// What did not happen yet.
    func happenNow() {
      plan.withLock { plan in
        defer { plan = nil }
        return plan?.act
      }?()
    }
  }

  private func run(
    at call: String, _ act: @escaping @Sendable () -> Void, expecting lines: [String],
    after begin: @escaping @Sendable () -> Void
  ) throws {
    let scratch = scratch
    let files = MeddledFiles()
    let tail = Tail([FollowPlan(paths: [scratch.path("log")], start: .beginning)], fileSystem: files)
    try tail.run { tail in
      scratch.append("a\n", to: "log")
      try await tail.until(lines: ["a"])
      files.meddling.plan(at: call, act)
      begin()
      try await tail.until(lines: lines)
    }
    #expect(tail.now.gaps.isEmpty)
  }

  @Test func fileThatMovesOnBeforeItIsOpened() throws {
    let scratch = scratch
    try run(
      at: "open",
      {
        scratch.rename("log.1", "log.2")
        scratch.rename("log", "log.1")
        scratch.append("c\n", to: "log")
      }, expecting: ["a", "b", "c"]
    ) {
      scratch.rename("log", "log.1")
      scratch.append("b\n", to: "log")
    }
  }

  @Test func severalFilesThatMoveOnBeforeOneIsOpened() throws {
    let scratch = scratch
    try run(
      at: "open",
      {
        scratch.rename("log.1", "log.3")
        scratch.rename("log", "log.2")
        scratch.append("c\n", to: "log.1")
        scratch.append("d\n", to: "log")
      }, expecting: ["a", "b", "c", "d"]
    ) {
      scratch.rename("log", "log.1")
      scratch.append("b\n", to: "log")
    }
  }

  @Test func folderThatChangesUnderTheSearch() throws {
    let scratch = scratch
    try run(
      at: "names",
      {
        scratch.rename("log.2", "log.3")
        scratch.rename("log.1", "log.2")
        scratch.rename("log", "log.1")
        scratch.append("d\n", to: "log")
      }, expecting: ["a", "b", "c", "d"]
    ) {
      scratch.rename("log", "log.2")
      scratch.append("b\n", to: "log.1")
      scratch.append("c\n", to: "log")
    }
  }

  /// A file with one line that was read, and a second one, is rotated away twice while the follower starts.
  @Test(arguments: [("lstat", false), ("open", false), ("lstat", true), ("open", true)])
  func fileThatMovesOnWhileTheAgentStarts(call: String, isOnce: Bool) throws {
    scratch.append("a\n", to: "log")
    let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let checkpoint = try #require(first.now.batches.last?.checkpoint)
    scratch.append("b\n", to: "log")
    let files = MeddledFiles()
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("log")])], known: known([checkpoint]), isOnce: isOnce, fileSystem: files)
    let scratch = scratch
    // The first call of open(2) is to see whether the file is where it was; the next one is to follow it.
    files.meddling.plan(at: call, after: call == "open" ? 1 : 0) {
      scratch.rename("log", "log.2")
      scratch.append("c\n", to: "log.1")
      scratch.append("d\n", to: "log")
    }
    try tail.run { tail in try await tail.until(lines: ["b", "c", "d"]) }
  }

  enum Former: CaseIterable { case compressed, renamed, deleted }

  /// A file that nobody knows is rotated away while the agent starts. The one before it was read to its end.
  @Test(arguments: Former.allCases, ["lstat", "names", "open"])
  func fileThatNobodyHasOpenedMovesOnWhileTheAgentStarts(former: Former, call: String) throws {
    for count in 0..<8 {
      let scratch = Scratch()
      scratch.append("a\n", to: "log")
      let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
      try first.run { try await $0.until { $0.isFinished } }
      var checkpoint = try #require(first.now.batches.last?.checkpoint)
      checkpoint.isDone = true
      checkpoint.readAtMilliseconds -= 1000  // its file system tells the time in ticks
      scratch.touch("log", "1 minute ago")
      scratch.rename("log", "log.1")
      switch former {
      case .compressed: scratch.gzip("log.1")
      case .renamed: break
      case .deleted: scratch.remove("log.1")
      }
      scratch.append("b\n", to: "log")
      let files = MeddledFiles()
      files.meddling.plan(at: call, after: count) {
        switch former {
        case .compressed: scratch.rename("log.1.gz", "log.2.gz")
        case .renamed: scratch.rename("log.1", "log.2")
        case .deleted: break
        }
        scratch.rename("log", "log.1")
        scratch.append("c\n", to: "log")
      }
      let tail = Tail([FollowPlan(paths: [checkpoint.path])], known: known([checkpoint]), fileSystem: files)
      try tail.run { tail in
        try await tail.until { !$0.lines.isEmpty }
        // Where so many calls were not made, it is rotated now.
        files.meddling.happenNow()
        try await tail.until(lines: ["b", "c"])
      }
      #expect(tail.now.gaps.isEmpty, "after \(count) calls")
    }
  }

  /// A log of which a part was read is copied and truncated while the agent starts: its rest is read from the copy.
  @Test(arguments: ["lstat", "names", "open"]) func aLogIsCopiedAndTruncatedWhileTheAgentStarts(call: String) throws {
    for count in 0..<8 {
      let scratch = Scratch()
      let (read, rest) = ((0..<20).map { "read \($0)" }, (0..<20).map { "rest \($0)" })
      for line in read { scratch.append(line + "\n", to: "log") }
      let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
      try first.run { try await $0.until { $0.isFinished } }
      let checkpoint = try #require(first.now.batches.last?.checkpoint)
      for line in rest { scratch.append(line + "\n", to: "log") }
      let files = MeddledFiles()
      files.meddling.plan(at: call, after: count) {
        Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
        scratch.truncate("log", to: 0)
        scratch.append("new\n", to: "log")
      }
      let tail = Tail([FollowPlan(paths: [checkpoint.path])], known: known([checkpoint]), fileSystem: files)
      try tail.run { tail in
        try await tail.until { !$0.lines.isEmpty }
        files.meddling.happenNow()
        try await tail.until { $0.lines.contains("new") }
        try await tail.until(lines: rest + ["new"])
      }
      #expect(tail.now.gaps.isEmpty, "after \(count) calls")
    }
  }

  /// A log of a few bytes is copied and truncated while the follower starts. The copy before that, which comes behind
  /// one that was empty, was read in the log.
  @Test(arguments: 1...3) func copyThatWasReadIsNoneThatWasMissed(count: Int) throws {
    let scratch = scratch
    let former = (0..<20).map { "former \($0)" }
    scratch.append("", to: "log.3")
    for line in former { scratch.append(line + "\n", to: "log.2") }
    Scratch.run("/usr/bin/touch", ["-d", "1 minute ago", scratch.path("log.2").string])
    scratch.append("last\n", to: "log")
    let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let checkpoint = try #require(first.now.batches.last?.checkpoint)
    let empty = try LinuxFiles().status(of: scratch.path("log.3")).identity
    var done = Checkpoint(path: checkpoint.path, identity: empty, head: .none, offset: 0, marker: .none)
    done.isDone = true
    done.readAtMilliseconds = checkpoint.readAtMilliseconds
    let files = MeddledFiles()
    let tail = Tail([FollowPlan(paths: [checkpoint.path])], known: known([checkpoint, done]), fileSystem: files)
    files.meddling.plan(at: "open", after: count) {
      Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
      scratch.truncate("log")
    }
    try tail.run { tail in
      try await tail.until { !$0.files.isEmpty }
      scratch.append("new\n", to: "log")
      try await tail.until { $0.lines.contains("new") }
    }
    #expect(!tail.lines.contains { former.contains($0) })
  }

  /// A log was copied and written to since; it is truncated after it was seen to be where it was.
  @Test(arguments: ["a\n", "a\nb\n"]) func lineAfterTheCopyThatIsLostWhileTheAgentStarts(copied: String) throws {
    scratch.append("a\n", to: "log")
    let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let checkpoint = try #require(first.now.batches.last?.checkpoint)
    scratch.append("b\nc\n", to: "log")
    scratch.append(copied, to: "log.1")
    let files = MeddledFiles()
    let tail = Tail([FollowPlan(paths: [checkpoint.path])], known: known([checkpoint]), fileSystem: files)
    let scratch = scratch
    files.meddling.plan(at: "open", after: 2) { scratch.truncate("log") }
    try tail.run { tail in try await tail.until { !$0.gaps.isEmpty } }
    #expect(tail.lines == (copied == "a\n" ? [] : ["b"]))
    #expect(tail.now.gaps.map { $0.first..<$0.last + 1 } == [UInt64(copied.utf8.count)..<6])
  }
}
