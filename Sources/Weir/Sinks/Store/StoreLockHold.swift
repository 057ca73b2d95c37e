import SystemPackage

/// The lock of a database, held as long as this lives, and whether it is still the one that others would ask for.
struct StoreLockHold: Sendable {
  private let lock: any AnyObject & Sendable
  private let disk: any StoreDisk
  private let file: FilePath
  private let identity: FileIdentity?

  /// Takes the lock.
  ///
  /// - Throws: ``StoreError``, as ``StoreDisk/lock(_:)``; `Errno`.
  init(of database: FilePath, on disk: any StoreDisk) throws {
    self.disk = disk
    file = LinuxDisk.sibling(of: database, suffix: ".lock")
    lock = try disk.lock(database)
    identity = try disk.identity(file)
  }

  /// Whether its file was not removed or replaced: if it was, another agent could take the lock of the new one.
  var isCurrent: Bool { get throws(Errno) { try disk.identity(file) == identity } }
}
