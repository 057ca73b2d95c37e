import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// A file that is written anew between any two of the reads by which it is looked at as it is opened.
@Suite struct TruncationUnderwayTests {
  let scratch = Scratch()

  /// The kernel's files; before one of the reads something happens.
  private final class MeddledFiles: FileSystem {
    private let files = LinuxFiles()
    private let act: @Sendable () -> Void
    private let readsLeft: Mutex<Int>

    init(before read: Int, _ act: @escaping @Sendable () -> Void) {
      readsLeft = Mutex(read)
      self.act = act
    }

    var openLimit: Int { files.openLimit }
    func status(of path: FilePath) throws(SystemError) -> FileStatus { try files.status(of: path) }
    func status(ofLink path: FilePath) throws(SystemError) -> FileStatus { try files.status(ofLink: path) }
    func target(ofLink link: FilePath) throws(SystemError) -> FilePath { try files.target(ofLink: link) }
    func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] { try files.names(in: folder) }
    func makeEvents() throws(SystemError) -> any FileEvents { try files.makeEvents() }
    func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType {
      try files.type(ofFileSystemAt: path)
    }

    func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus) {
      let (source, status) = try files.open(path)
      guard case .file(let file) = source else { return (source, status) }
      return (.file(MeddledFile(file, in: self)), status)
    }

    func noteRead() {
      let isNow = readsLeft.withLock { left in
        left -= 1
        return left == -1
      }
      if isNow { act() }
    }
  }

  private final class MeddledFile: ReadableFile {
    private let file: any ReadableFile
    private let files: MeddledFiles

    init(_ file: any ReadableFile, in files: MeddledFiles) {
      self.file = file
      self.files = files
    }

    func status() throws(SystemError) -> FileStatus { try file.status() }
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
      files.noteRead()
      return try file.read(into: bytes, at: offset)
    }
  }

  @Test(arguments: 0..<20) func whatIsReadBeginsWhereALineDoes(before read: Int) throws {
    let scratch = scratch
    scratch.append("one\nrest\n", to: "log")
    let head = Array("one\n".utf8).withUnsafeBytes { Fingerprint(of: $0) }
    let checkpoint = Checkpoint(
      path: scratch.path("log"), identity: try LinuxFiles().status(of: scratch.path("log")).identity, head: head,
      offset: 4, marker: head)
    let files = MeddledFiles(before: read) { scratch.write(Array("another line\nnext\n".utf8), to: "log") }
    let tail = Tail(
      [FollowPlan(paths: [scratch.path("log")])], known: known([checkpoint]), isOnce: true, fileSystem: files)
    try tail.run { try await $0.until { $0.isFinished } }
    // No more is read than there was when it was opened.
    #expect(Set(tail.lines).isSubset(of: ["rest", "another line", "next", "another l"]), "\(tail.lines)")
  }

  /// A log of which a part was read is copied, truncated and written to: what the copy has is read there.
  @Test(arguments: 0..<16) func whatWasCopiedIsReadInTheCopy(before read: Int) throws {
    let scratch = scratch
    let (former, rest) = ((0..<20).map { "read \($0)" }, (0..<20).map { "rest \($0)" })
    for line in former { scratch.append(line + "\n", to: "log") }
    let first = Tail(scratch.path("log"), from: .beginning, isOnce: true)
    try first.run { try await $0.until { $0.isFinished } }
    let checkpoint = try #require(first.now.batches.last?.checkpoint)
    for line in rest { scratch.append(line + "\n", to: "log") }
    let hasHappened = Mutex(false)
    let files = MeddledFiles(before: read) {
      Scratch.run("/bin/cp", [scratch.path("log").string, scratch.path("log.1").string])
      scratch.truncate("log", to: 0)
      scratch.append("new\n", to: "log")
      hasHappened.withLock { $0 = true }
    }
    let tail = Tail([FollowPlan(paths: [checkpoint.path])], known: known([checkpoint]), fileSystem: files)
    try tail.run { tail in
      try await tail.until { !$0.lines.isEmpty }
      if !hasHappened.withLock(\.self) { return try await tail.until(lines: rest) }
      try await tail.until { $0.lines.contains("new") }
      try await tail.until(lines: rest + ["new"])
    }
    #expect(tail.now.gaps.isEmpty)
  }
}
