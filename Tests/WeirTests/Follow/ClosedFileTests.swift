import Coroutines
import Glibc
import SystemPackage
import Testing

@testable import Weir

/// More followed files than may be open.
@Suite struct ClosedFileTests {
  let scratch = Scratch()
  private static let names = (10..<50).map { "\($0).log" }

  private func tail(_ files: ScarceFiles) -> Tail {
    for name in Self.names { scratch.append("a\(name)\n", to: name) }
    return Tail([FollowPlan(paths: [scratch.path("*.log")], start: .beginning)], fileSystem: files)
  }

  /// Each file is written to again and again, the one that was looked at longest ago first.
  private func writeToAll(_ tail: Tail, _ files: ScarceFiles, openLimit: Int) async throws {
    let scratch = scratch
    var expected = Set(Self.names.map { "a\($0)" })
    for round in ["b", "c"] {
      try await tail.until { Set($0.lines) == expected && $0.lines.count == expected.count }
      #expect(files.openCount <= openLimit)
      for name in Self.names {
        scratch.append("\(round)\(name)\n", to: name)
        expected.insert("\(round)\(name)")
      }
    }
    try await tail.until { Set($0.lines) == expected && $0.lines.count == expected.count }
    for name in Self.names {
      let lines = tail.lines.filter { $0.hasSuffix(name) }
      #expect(lines == ["a\(name)", "b\(name)", "c\(name)"])
    }
  }

  @Test func asManyAreOpenAsTheirShareAllows() throws {
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.openLimit = 32 }
    #expect(OpenFiles.share(of: 32) == 8)
    try tail(files).run { try await writeToAll($0, files, openLimit: 8) }
  }

  @Test func anErrorOfOpenMakesRoomToo() throws {
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.openFiles = 6 }
    let tail = tail(files)
    try tail.run { try await writeToAll($0, files, openLimit: 6) }
    #expect(tail.log.troubles == [])
  }

  @Test func aFileThatWasDeletedStaysOpenUntilItIsRead() throws {
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.openLimit = 32 }
    let scratch = scratch
    let tail = tail(files)
    try tail.run { tail in
      try await tail.until { $0.lines.count == Self.names.count }
      scratch.append("b\n", to: "10.log")
      try await tail.until { $0.lines.last == "b" }
      let late = open(scratch.path("10.log").string, O_WRONLY | O_APPEND)
      scratch.remove("10.log")
      // All others take their turn in being open.
      for name in Self.names.dropFirst() { scratch.append("b\(name)\n", to: name) }
      try await tail.until { $0.lines.count == 2 * Self.names.count }
      #expect(write(late, "late\n", 5) == 5)
      close(late)
      try await tail.until { $0.lines.last == "late" }
    }
    #expect(tail.now.gaps.isEmpty)
  }

  @Test func whatIsClosedIsSoughtWhereItWasRotatedTo() throws {
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.openLimit = 32 }
    let scratch = scratch
    scratch.makeFolder("old")
    for name in Self.names { scratch.append("a\(name)\n", to: name) }
    let plan = FollowPlan(
      paths: [scratch.path("*.log")], start: .beginning, rotated: [scratch.path("old")])
    let tail = Tail([plan], fileSystem: files)
    try tail.run { tail in
      try await tail.until { $0.lines.count == Self.names.count }
      scratch.rename("10.log", "old/gone")
      scratch.append("late\n", to: "old/gone")
      try await tail.until { $0.lines.last == "late" }
    }
    #expect(tail.log.troubles == [] && tail.now.gaps.isEmpty)
  }

  @Test func anErrorIsNotAnAbsence() throws {
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.openLimit = 32 }
    let scratch = scratch
    let tail = tail(files)
    try tail.run { tail in
      try await tail.until { $0.lines.count == Self.names.count }
      files.change { $0.refused[scratch.path("10.log")] = EACCES }
      scratch.append("b\n", to: "10.log")
      try await tail.until { _ in !tail.log.troubles.isEmpty }
      files.change { $0.refused = [:] }
      try await tail.until { $0.lines.last == "b" }
    }
    #expect(tail.log.troubles.count == 1 && tail.now.gaps.isEmpty)
  }

  @Test(arguments: [(20, 4), (32, 8), (40, 16), (1024, 768), (524_288, 523_264)])
  func share(of limit: Int, _ share: Int) {
    #expect(OpenFiles.share(of: limit) == share)
  }

  /// An inode is soon another file's: under another name, only what was read of it tells whether it is the same one.
  @Test func foundUnderAnotherNameItMayBeAnother() throws {
    scratch.append("one\n", to: "log")
    let files = LinuxFiles()
    let (source, status) = try files.open(scratch.path("log"))
    guard case .file(let base) = source else { throw Tail.TooLate() }
    let file = ClosableFile(
      base, status, at: scratch.path("log"), in: files, OpenFiles(openLimit: .max), rotated: [])
    file.rest()
    #expect(file.close() && file.takeClosed())
    scratch.rename("log", "log.1")
    #expect(try file.bytes(at: 0, count: 4) == Array("one\n".utf8) && file.isElsewhere)
    file.confirm()
    file.rest()
    #expect(file.close() && !file.isElsewhere)
    scratch.rename("log.1", "other")
    scratch.write(Array("another\n".utf8), to: "other")
    #expect(try file.status().size == 8 && file.isElsewhere)
    file.disown()
    let last = try file.status()
    #expect(file.isGone && last.size == 4 && last.linkCount == 0)
    file.disown(mayBeIt: true)
    #expect(throws: SystemError.self, "what may be in it is lost") { try file.status() }
  }

  @Test func whatIsGoneIsSoughtNoLongerThoughNamesChangeAllTheTime() throws {
    scratch.append("one\n", to: "log")
    let files = ScarceFiles(below: scratch.folder)
    files.change { $0.passingNames = 0 }
    let (source, status) = try files.open(scratch.path("log"))
    guard case .file(let base) = source else { throw Tail.TooLate() }
    let file = ClosableFile(
      base, status, at: scratch.path("log"), in: files, OpenFiles(openLimit: .max), rotated: [])
    file.rest()
    #expect(file.close())
    scratch.remove("log")
    #expect(try file.status().linkCount == 0)
  }

  @Test func theLimitIsRaised() {
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
    OpenFileLimit.raise()
    #expect(OpenFileLimit.now == Int(clamping: limit.rlim_max))
  }
}
