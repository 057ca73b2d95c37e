import SystemPackage

/// A sink has one checkpoint for an identity. A file that was compressed or deleted while weir was down has left its
/// inode, which may be another file's by now: what is known of the first is set aside then, under an identity that no
/// file has, as long as any other. A later start seeks it by its content.
extension Checkpoint {
  /// Whether its file's inode is another file's by now.
  var isSetAside: Bool { identity.device == FileIdentity.noDevice }

  /// The same under an identity that no file has. All sinks have the same for one file, wherever they are in it.
  var setAside: Checkpoint {
    if isSetAside { return self }
    var bytes = Array(path.string.utf8)
    for number in [identity.device, identity.inode] { withUnsafeBytes(of: number) { bytes += $0 } }
    var aside = self
    aside.identity = FileIdentity(
      device: FileIdentity.noDevice, inode: bytes.withUnsafeBytes { Fingerprint(of: $0).hash })
    return aside
  }

  /// Whether it is of another file than one that has the same identity, and of which something is known: by that a copy
  /// of it is known too, where it was read to its end.
  fileprivate func displaces(_ former: Checkpoint) -> Bool {
    // What was written anew under the same name is known as that.
    if former.path == path || former.isBlank { return false }
    // One that goes on under another name goes on where it was.
    if offset != former.offset || marker != former.marker { return true }
    return head.byteCount == former.head.byteCount ? head != former.head : offset == 0
  }
}

extension Batch {
  /// What a sink has to keep that has taken this batch; nothing where that is of another file than the one that it
  /// knows.
  ///
  /// - Parameter last: what it has of the file of an identity.
  func kept(after last: (FileIdentity) -> Checkpoint?) -> [Checkpoint] {
    guard let checkpoint else { return [] }
    let former = last(checkpoint.identity)
    switch ending {
    case .read, nil:
      guard let former, checkpoint.displaces(former) else { return [checkpoint] }
      return [former.setAside, checkpoint]
    case .lost: return [checkpoint, checkpoint.setAside].filter { $0.ends(last($0.identity)) }
    case .copied(let places):
      if let former, places.contains(former) { return [checkpoint] }
      let aside = checkpoint.setAside
      guard let former = last(aside.identity), places.contains(where: { $0.setAside == former }) else { return [] }
      return [aside]
    }
  }
}
