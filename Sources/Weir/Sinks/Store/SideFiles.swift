import SystemPackage

/// A database's `-wal` and `-shm`, known by their identities.
///
/// When the database is removed or replaced and they are not, they stay behind for a file that they do not belong to,
/// and SQLite would read them as its own.
struct SideFiles {
  static let suffixes = ["-wal", "-shm"]

  private let identities: [(path: FilePath, identity: FileIdentity)]

  /// Those that are there now. One that cannot be looked at is not known, and left alone.
  init(of database: FilePath, on disk: any StoreDisk) {
    identities = Self.suffixes.compactMap { suffix in
      let path = LinuxDisk.sibling(of: database, suffix: suffix)
      guard let identity = try? disk.identity(path) else { return nil }
      return (path, identity)
    }
  }

  /// Removes those that are still the same.
  func remove(from disk: any StoreDisk) throws(Errno) {
    for (path, identity) in identities where try disk.identity(path) == identity { try disk.remove(path) }
  }
}
