import Coroutines
import Glibc
import Synchronization
import SystemPackage

@testable import Weir

/// The kernel's files with less of everything: descriptors, watches, rights, news.
final class ScarceFiles: FileSystem {
  struct Means {
    /// RLIMIT_NOFILE, as it is told.
    var openLimit = Int.max
    /// How many files below ``ScarceFiles/folder`` can be open at once.
    var openFiles = Int.max
    var watches = Int.max
    /// Whether there are more descriptors of inotify.
    var hasEvents = true
    /// Whether events come.
    var tells = true
    /// What every folder is on; ext4.
    var type = FileSystemType(magic: 0xef53)
    /// What cannot be opened, and why.
    var refused: [FilePath: Int32] = [:]
    /// Called when a folder is looked into: that takes time.
    var onLookInto: (@Sendable (FilePath) -> Void)?
    /// How many names came and went at each look into a folder; nil: none do.
    var passingNames: Int?
  }

  let folder: FilePath
  private let files = LinuxFiles()
  private let means = Mutex(Means())
  private let counts = Mutex((looks: 0, watches: 0))

  init(below folder: FilePath) { self.folder = folder }

  func change(_ body: (inout Means) -> Void) { means.withLock { body(&$0) } }

  /// How often any file or folder was looked at.
  var looks: Int { counts.withLock { $0.looks } }

  /// How many files below the folder this process has open, among its first descriptors.
  var openCount: Int {
    let prefix = Array(folder.string.utf8) + [UInt8(ascii: "/")]
    var target = [UInt8](repeating: 0, count: prefix.count)
    return (Int32(0)..<400).count { number in
      readlink("/proc/self/fd/\(number)", &target, target.count) == target.count && target == prefix
    }
  }

  var openLimit: Int { means.withLock { $0.openLimit } }

  func status(of path: FilePath) throws(SystemError) -> FileStatus {
    counts.withLock { $0.looks += 1 }
    return try files.status(of: path)
  }

  func status(ofLink path: FilePath) throws(SystemError) -> FileStatus {
    counts.withLock { $0.looks += 1 }
    return try files.status(ofLink: path)
  }

  func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] {
    try refuse(folder, "opendir")
    means.withLock { $0.onLookInto }?(folder)
    let passing = means.withLock { means -> [FilePath.Component] in
      guard let count = means.passingNames else { return [] }
      means.passingNames = count + 1
      return [FilePath.Component("passing.\(count)")].compactMap(\.self)
    }
    return try files.names(in: folder) + passing
  }

  func target(ofLink link: FilePath) throws(SystemError) -> FilePath { try files.target(ofLink: link) }

  func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType {
    _ = try files.type(ofFileSystemAt: path)
    return means.withLock { $0.type }
  }

  func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus) {
    try refuse(path, "open")
    if openCount >= means.withLock({ $0.openFiles }) { throw SystemError("open", code: EMFILE) }
    return try files.open(path)
  }

  func makeEvents() throws(SystemError) -> any FileEvents {
    guard means.withLock({ $0.hasEvents }) else { throw SystemError("inotify_init1", code: EMFILE) }
    return Events(try files.makeEvents(), in: self)
  }

  private func refuse(_ path: FilePath, _ call: String) throws(SystemError) {
    if let code = means.withLock({ $0.refused[path] }) { throw SystemError(call, code: code) }
  }

  /// Inotify, with few watches, or silent.
  private final class Events: FileEvents {
    private let inner: any FileEvents
    private let files: ScarceFiles
    private var numbers: Set<Int32> = []

    init(_ inner: any FileEvents, in files: ScarceFiles) {
      self.inner = inner
      self.files = files
    }

    func watch(_ path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
      try files.refuse(path, "inotify_add_watch")
      return try count(try inner.watch(path, for: flags))
    }

    func watch(_ file: any ReadableFile, at path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
      try count(try inner.watch(file, at: path, for: flags))
    }

    func unwatch(_ watch: Int32) {
      numbers.remove(watch)
      inner.unwatch(watch)
    }

    func events() throws(SystemError) -> [FileEvent] {
      let events = try inner.events()
      return files.means.withLock { $0.tells } ? events : []
    }

    func wait(on scheduler: Scheduler) async throws { try await inner.wait(on: scheduler) }

    private func count(_ number: Int32) throws(SystemError) -> Int32 {
      if !numbers.contains(number), numbers.count >= files.means.withLock({ $0.watches }) {
        inner.unwatch(number)
        throw SystemError("inotify_add_watch", code: ENOSPC)
      }
      numbers.insert(number)
      return number
    }
  }
}
