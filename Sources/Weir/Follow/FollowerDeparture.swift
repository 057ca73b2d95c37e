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
    departureCount += 1
    let departed =
      file.readers.isEmpty ? nil : FileIdentity(device: FileIdentity.noDevice, inode: UInt64(departureCount))
    departures[identity] = departed
    if formerIdentities.remove(identity) != nil {
      for (path, name) in names where name.formerIdentity == identity {
        names[path]?.formerIdentity = nil
        if let departed { setFormer(departed, of: path) }
      }
    }
    for path in file.names {
      names[path]?.identity = nil
      if let departed { setFormer(departed, of: path) }
    }
    if let departed {
      var kept = file
      kept.names = []
      files[departed] = kept
    }
    for reader in file.readers { await reader.loseName() }
    return file.names
  }

  /// Files that are read before this one: first the one that had its inode, for checkpoints know both by that; then
  /// those that were under its names.
  func formers(of identity: FileIdentity) -> [FileIdentity] {
    var formers: [FileIdentity] = []
    if let departed = departures[identity] {
      if files[departed] == nil { departures[identity] = nil } else { formers.append(departed) }
    }
    for path in files[identity]?.names ?? [] {
      guard let former = names[path]?.formerIdentity, former != identity, !formers.contains(former) else { continue }
      formers.append(former)
    }
    return formers
  }

  /// A file ended that was deleted, or found nowhere: its inode may be another's by now, and nothing tells when it is.
  /// Or it has a name again: then it is opened anew, and read on from where it ended.
  func forgetLost(_ identity: FileIdentity) async {
    let paths = await depart(identity)
    if !paths.isEmpty { await take(Set(paths.map { .name($0, pattern: nil) })) }
  }
}
