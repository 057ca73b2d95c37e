import Coroutines
import SystemPackage

/// Files whose inode is no more while they are still read: only what is closed can be such.
extension Follower {
  /// What has this identity from now on is another file. What is known of the old one is kept under an identity that no
  /// file has, until it is read to its end.
  ///
  /// - Returns: the names that are to be looked at.
  func depart(_ identity: FileIdentity) async -> Set<FilePath> {
    guard let file = files.removeValue(forKey: identity) else { return [] }
    watches?.forgetFile(identity)
    departures += 1
    let departed = file.readers.isEmpty ? nil : FileIdentity(device: .max, inode: UInt64(departures))
    for (path, name) in names where name.formerIdentity == identity { names[path]?.formerIdentity = departed }
    for path in file.names {
      names[path]?.identity = nil
      if let departed { names[path]?.formerIdentity = departed }
    }
    if let departed {
      var kept = file
      kept.names = []
      files[departed] = kept
    }
    for reader in file.readers { await reader.loseName() }
    return file.names
  }
}
