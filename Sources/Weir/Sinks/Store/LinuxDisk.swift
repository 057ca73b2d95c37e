import Coroutines
import Glibc
import SystemPackage

/// The file system of the machine: a database's one name, its rights, whether it is still there, its lock.
package struct LinuxDisk: StoreDisk {
  /// Rights of a database and, as SQLite takes them from it, of its `-wal` and `-shm`: the group may read.
  static let mode: mode_t = 0o640

  package init() {}

  /// SQLite's own.
  package var vfsName: String? { nil }

  package func canonical(_ path: FilePath) -> FilePath {
    var existing = Self.absolute(path).lexicallyNormalized()
    var missing: [FilePath.Component] = []
    // Bounded: each step takes a component away, or follows a link, which the kernel itself would follow 40 times.
    var links = 0
    while true {
      if let real = Self.resolved(existing) { return missing.reversed().reduce(real) { $0.appending($1) } }
      if links < 40, let target = Self.linkTarget(existing) {
        links += 1
        existing = existing.removingLastComponent().pushing(target).lexicallyNormalized()
      } else {
        guard let last = existing.lastComponent else { return Self.absolute(path) }
        missing.append(last)
        existing = existing.removingLastComponent()
      }
    }
  }

  /// Makes an empty file with ``mode``, whatever the umask.
  package func create(_ path: FilePath) throws(Errno) -> Bool {
    let descriptor = path.withPlatformString { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, Self.mode) }
    guard descriptor >= 0 else {
      if errno == EEXIST { return false }
      throw Errno(rawValue: errno)
    }
    defer { close(descriptor) }
    guard fchmod(descriptor, Self.mode) == 0 else { throw Errno(rawValue: errno) }
    return true
  }

  package func identity(_ path: FilePath) throws(Errno) -> FileIdentity? {
    try Self.status(of: path).map { FileIdentity(device: UInt64($0.st_dev), inode: UInt64($0.st_ino)) }
  }

  package func byteCount(of path: FilePath) throws(Errno) -> UInt64? {
    try Self.status(of: path).map { UInt64(max(0, $0.st_size)) }
  }

  package func remove(_ path: FilePath) throws(Errno) {
    guard path.withPlatformString({ unlink($0) }) != 0 else { return }
    let reason = Errno(rawValue: errno)
    if reason != .noSuchFileOrDirectory { throw reason }
  }

  /// The file is not opened: closing a descriptor would drop the locks that another connection of this
  /// process holds on the file (POSIX advisory locks).
  package func objection(to path: FilePath) -> String? {
    var status = stat()
    guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
    if status.st_mode & S_IFMT != S_IFREG { return "it is not a regular file" }
    guard path.withPlatformString({ faccessat(AT_FDCWD, $0, R_OK | W_OK, AT_EACCESS) }) == 0 else {
      return Errno(rawValue: errno).description
    }
    return nil
  }

  package func isLocal(_ path: FilePath) -> Bool {
    do { return try FileSystemType.of(path).sharedName == nil } catch { return false }
  }

  package func lock(_ database: FilePath) throws(StoreError) -> any AnyObject & Sendable {
    try StoreLock(taking: database)
  }

  package func makeWatch(of database: FilePath) throws(SystemError) -> StoreWatch? {
    StoreWatch(database, by: try Inotify())
  }

  /// The path with `suffix` added to its last component: `weir.db` and `weir.db-wal`.
  static func sibling(of path: FilePath, suffix: String) -> FilePath {
    let bytes = path.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
    return FilePath(platformString: bytes + suffix.utf8.map { CChar(bitPattern: $0) } + [0])
  }

  /// stat(2) of what is there; nil if nothing is.
  private static func status(of path: FilePath) throws(Errno) -> stat? {
    var status = stat()
    if path.withPlatformString({ stat($0, &status) }) == 0 { return status }
    let reason = Errno(rawValue: errno)
    if reason == .noSuchFileOrDirectory || reason == .notDirectory { return nil }
    throw reason
  }

  private static func absolute(_ path: FilePath) -> FilePath {
    guard path.isRelative, let folder = resolved(".") else { return path }
    return folder.pushing(path)
  }

  private static func resolved(_ path: FilePath) -> FilePath? {
    guard let real = path.withPlatformString({ realpath($0, nil) }) else { return nil }
    defer { free(real) }
    return FilePath(platformString: real)
  }

  private static func linkTarget(_ path: FilePath) -> FilePath? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let length = path.withPlatformString { readlink($0, &buffer, buffer.count - 1) }
    return length > 0 ? FilePath(platformString: buffer) : nil
  }
}
