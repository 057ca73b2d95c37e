import Coroutines
import Glibc
import SystemPackage

/// The files of a machine, where what is open already gives way to what has to be opened.
struct FilesWithinLimit: FileSystem {
  let base: any FileSystem
  let openFiles: OpenFiles

  var openLimit: Int { base.openLimit }

  func status(of path: FilePath) throws(SystemError) -> FileStatus { try base.status(of: path) }

  func status(ofLink path: FilePath) throws(SystemError) -> FileStatus { try base.status(ofLink: path) }

  func target(ofLink link: FilePath) throws(SystemError) -> FilePath { try base.target(ofLink: link) }

  func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType {
    try base.type(ofFileSystemAt: path)
  }

  func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] {
    try makingRoom { () throws(SystemError) in try base.names(in: folder) }
  }

  func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus) {
    try makingRoom { () throws(SystemError) in try base.open(path) }
  }

  func makeEvents() throws(SystemError) -> any FileEvents { try base.makeEvents() }

  /// EMFILE of inotify_init1(2) may also be of another limit: so no file is closed for that.
  private func makingRoom<Value>(_ body: () throws(SystemError) -> Value) throws(SystemError) -> Value {
    while true {
      do { return try body() } catch {
        guard error.isShortage, openFiles.closeOne() else { throw error }
      }
    }
  }
}

extension SystemError {
  /// Whether there are too few descriptors, of this process or of all.
  var isShortage: Bool { code == EMFILE || code == ENFILE }
}
