import Coroutines
import Glibc
import SystemPackage

/// The kernel's files.
struct LinuxFiles: FileSystem {
  var openLimit: Int { OpenFileLimit.now }

  func status(of path: FilePath) throws(SystemError) -> FileStatus { try .of(path) }

  func status(ofLink path: FilePath) throws(SystemError) -> FileStatus { try .ofLink(path) }

  func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] { try Folder.names(in: folder) }

  func target(ofLink link: FilePath) throws(SystemError) -> FilePath { try Folder.target(ofLink: link) }

  func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType { try .of(path) }

  func makeEvents() throws(SystemError) -> any FileEvents { try Inotify() }

  /// A FIFO is opened for writing too: so it does not end when its last writer goes. Where that is not allowed, it is
  /// opened again each time it ends (``Descriptor/reopened()``).
  func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus) {
    let file = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard status.kind == .fifo else { return (.file(file), status) }
    // The first stays open meanwhile: with its last reader a FIFO loses what was written to it.
    defer { withExtendedLifetime(file) {} }
    do throws(SystemError) {
      let fifo = try Descriptor(opening: path, flags: O_RDWR | O_NONBLOCK)
      return (.stream(fifo), try fifo.status())
    } catch {
      guard error.code == EACCES || error.code == EROFS else { throw error }
      return (.stream(file), status)
    }
  }
}

extension Descriptor {
  /// A FIFO that has ended, for its next writer: what is opened anew has not ended, and can be waited for.
  func reopened() throws(SystemError) -> Descriptor {
    try Descriptor(opening: FilePath("/proc/self/fd/\(number)"), flags: O_RDONLY | O_NONBLOCK)
  }
}
