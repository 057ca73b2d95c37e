import Coroutines
import SystemPackage

/// What a store asks of the file system beside SQLite itself: ``LinuxDisk``, or a simulation of one.
///
/// Paths that ``canonical(_:)`` gave are the same text for the same file. Called on the thread of the store, and
/// ``canonical(_:)`` on any.
package protocol StoreDisk: Sendable {
  /// The name of the VFS by which SQLite opens databases on this disk; nil: SQLite's own.
  var vfsName: String? { get }

  /// The path under which all spellings of `path` meet: absolute, symbolic links resolved as far as it exists.
  func canonical(_ path: FilePath) -> FilePath

  /// Makes an empty file; leaves one that is there as it is.
  ///
  /// - Returns: whether it was made.
  func create(_ path: FilePath) throws(Errno) -> Bool

  /// Which file the path leads to now; nil if to none.
  ///
  /// - Throws: where that cannot be known: an error is not an absence.
  func identity(_ path: FilePath) throws(Errno) -> FileIdentity?

  /// How many bytes the file has; nil if there is none.
  ///
  /// - Throws: as ``identity(_:)``.
  func byteCount(of path: FilePath) throws(Errno) -> UInt64?

  /// Takes a file's name away; nothing if there is none.
  func remove(_ path: FilePath) throws(Errno)

  /// Why the file that is there cannot be a database, as far as one sees without opening it; nil if it can.
  func objection(to path: FilePath) -> String?

  /// Whether a file is on a disk of this machine, where a write seldom waits; an error is a no.
  func isLocal(_ path: FilePath) -> Bool

  /// Takes the lock of the one agent that may use `database`. It is held as long as what is returned lives, and let
  /// go of when the process dies in any way.
  ///
  /// - Throws: ``StoreError``, "already running as pid N", if another holds it; or if it cannot be made.
  func lock(_ database: FilePath) throws(StoreError) -> any AnyObject & Sendable

  /// What tells when `database` may have been removed or replaced; nil where nothing does, and that is noticed by the
  /// next request.
  func makeWatch(of database: FilePath) throws(SystemError) -> StoreWatch?
}

extension StoreDisk {
  package func makeWatch(of database: FilePath) throws(SystemError) -> StoreWatch? { nil }
}
