import CLinux
import Coroutines
import Glibc
import SystemPackage

/// What stat(2) says of a file.
struct FileStatus: Equatable, Sendable {
  enum Kind: Sendable { case regular, folder, link, fifo, other }

  let identity: FileIdentity
  let kind: Kind
  /// Bytes; of a regular file alone.
  let size: UInt64
  /// Names on the disk: 0 for a file that was deleted while it is open.
  let linkCount: UInt64
  /// When content was last written.
  let modifiedAt: Duration

  /// Of what `path` leads to, through symbolic links.
  static func of(_ path: FilePath) throws(SystemError) -> FileStatus {
    var status = stat()
    let result = path.withPlatformString { stat($0, &status) }
    guard result == 0 else { throw SystemError("stat") }
    return FileStatus(status)
  }

  /// Of `path` itself, be it a symbolic link.
  static func ofLink(_ path: FilePath) throws(SystemError) -> FileStatus {
    var status = stat()
    let result = path.withPlatformString { lstat($0, &status) }
    guard result == 0 else { throw SystemError("lstat") }
    return FileStatus(status)
  }

  /// Of an open file.
  static func of(_ descriptor: Descriptor) throws(SystemError) -> FileStatus {
    var status = stat()
    guard fstat(descriptor.number, &status) == 0 else { throw SystemError("fstat") }
    return FileStatus(status)
  }
}

extension FileStatus {
  fileprivate init(_ status: stat) {
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFLNK: .link
      case S_IFIFO: .fifo
      default: .other
      }
    size = UInt64(max(0, status.st_size))
    linkCount = UInt64(status.st_nlink)
    modifiedAt = withUnsafePointer(to: status) { .nanoseconds(linux_modified_nanoseconds($0)) }
  }
}

extension SystemError {
  /// Whether the error says that there is no such file. Any other (EACCES, EMFILE, EIO, ...) says nothing of that.
  var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
}
