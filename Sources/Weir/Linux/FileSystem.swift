import Coroutines
import SystemPackage

/// The files of a machine as following sees them: the kernel's (``LinuxFiles``), or those of a simulation.
///
/// Each call does what the system call of that name does, and throws its errno. None waits.
protocol FileSystem: Sendable {
  /// How many files this process may have open.
  var openLimit: Int { get }

  /// stat(2): what `path` leads to, through symbolic links.
  func status(of path: FilePath) throws(SystemError) -> FileStatus

  /// lstat(2): `path` itself, be it a symbolic link.
  func status(ofLink path: FilePath) throws(SystemError) -> FileStatus

  /// readdir(3): the names in a folder but `.` and `..`, in no order.
  func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component]

  /// readlink(2): where a symbolic link leads, as an absolute path.
  func target(ofLink link: FilePath) throws(SystemError) -> FilePath

  /// statfs(2).
  func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType

  /// open(2) for reading, and what was opened. Never waits for a FIFO's writer.
  func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus)

  /// inotify_init1(2): a way to be told of changes.
  func makeEvents() throws(SystemError) -> any FileEvents
}

/// A regular file that is open for reading, and closed with the last reference.
protocol ReadableFile: AnyObject, Sendable {
  /// What is open on the disk: itself, or what it is read through.
  var base: any ReadableFile { get }

  /// A name that leads to it now, whatever it was opened by; nil where that cannot be told.
  var name: FilePath? { get }

  /// fstat(2).
  func status() throws(SystemError) -> FileStatus

  /// pread(2), repeated when a signal interrupts it. Fewer bytes than asked for: the file ends there.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int
}

extension ReadableFile {
  var base: any ReadableFile { self }
  var name: FilePath? { nil }

  /// The bytes from `offset` on, `count` at most.
  func bytes(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
    var result = Result<Int, SystemError>.success(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(SystemError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch {
        result = .failure(error)
      }
    }
    _ = try result.get()
    return bytes
  }
}

/// What tells of changes to files and folders, as inotify(7) does. Owner: one actor; not shared.
protocol FileEvents: AnyObject {
  /// Watches what `path` leads to. The same file or folder has the same number, by whatever path.
  ///
  /// - Throws: ENOSPC where the user has too many watches (fs.inotify.max_user_watches).
  func watch(_ path: FilePath, for flags: Int32) throws(SystemError) -> Int32

  /// Watches an open file, whatever its name is or becomes.
  ///
  /// - Parameter path: a name that leads to it, used where /proc is not mounted.
  func watch(_ file: any ReadableFile, at path: FilePath, for flags: Int32) throws(SystemError) -> Int32

  /// Ends a watch; one that has ended by itself is no error.
  func unwatch(_ watch: Int32)

  /// What has happened since; empty when nothing has.
  func events() throws(SystemError) -> [FileEvent]

  /// Returns when something has happened.
  ///
  /// - Throws: `CancellationError`.
  func wait(on scheduler: Scheduler) async throws
}

/// One change that the kernel tells of.
struct FileEvent: Equatable {
  /// What ``FileEvents/watch(_:for:)`` returned; -1 with an overflow.
  let watch: Int32
  /// IN_MODIFY, IN_CREATE, ... of inotify(7).
  let mask: UInt32
  /// The name in a watched folder; nil where the event is of the watched thing itself.
  let name: FilePath.Component?

  func has(_ flags: Int32) -> Bool { mask & UInt32(bitPattern: flags) != 0 }
}
