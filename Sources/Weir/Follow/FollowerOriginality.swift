import Coroutines
import SystemPackage

/// Telling copies that a rotation makes from files of their own.
extension Follower {
  /// How a file that appeared relates to those that are followed beside it.
  func originality(of file: FollowedFile, _ open: any ReadableFile) async -> FollowedFile.Originality {
    // Not all are there that it may be a copy of.
    guard starting.isEmpty else {
      if let identity = file.identity { undecided.insert(identity) }
      return .unlooked
    }
    let wasThere = file.identity.flatMap { files[$0]?.startedWith.isEmpty } == false
    var verdict = FollowedFile.Originality.original
    // One that comes back under a followed name is no copy of itself.
    for (identity, other) in files where identity != file.identity {
      // As names of copies are told after a restart; what is a rotated name itself is not the original. Where that was
      // deleted since, no name leads to it any more, but it is read under its own.
      func isOriginal(_ path: FilePath) -> Bool {
        file.path.mayBeRotated(from: path) && path != file.path && RotatedName(path, of: file.path) == nil
      }
      var originals: [FilePath] = []
      for path in other.names where isOriginal(path) { originals.append(path) }
      for reader in other.readers where isOriginal(reader.path) { originals.append(reader.path) }
      if originals.isEmpty { continue }
      let isRotated = originals.contains { RotatedName(file.path, of: $0) != nil }
      for reader in other.readers {
        switch await reader.originality(of: open, isRotatedByName: isRotated, wasThere: wasThere) {
        case .copy: return .copy
        case .copyWithRest(let offset): return .copyWithRest(from: offset)
        case .original: break
        case .unlooked: verdict = .unlooked
        case .undecided: if verdict == .original { verdict = .undecided }
        }
      }
    }
    // Nothing is waited for.
    if isOnce { return .original }
    if verdict == .original, mayBeCopyOfUnseen(file.path, open) { verdict = .unlooked }
    if verdict != .original, let identity = file.identity { undecided.insert(identity) }
    return verdict
  }

  /// Whether a file has all that was read of one that cannot be looked at now: when that can, it is told.
  private func mayBeCopyOfUnseen(_ path: FilePath, _ file: any ReadableFile) -> Bool {
    guard !unmoved.isEmpty, let size = try? file.status().size else { return false }
    return unmoved.contains { original, waiting in
      RotatedName(path, of: original) != nil
        && waiting.contains { checkpoint, _ in
          checkpoint.offset > 0 && (try? checkpoint.isCopied(to: file, size: size, isRotatedByName: true)) == true
        }
    }
  }

  /// What was at `path` is read in a copy; a compressed one was made of a file that may be followed, and is deleted.
  func noteCopy(_ copy: RotatedCopy, of path: FilePath) async -> FollowedFile.NotedCopy {
    var copies: [FollowedFile] = []
    for reader in files[copy.status.identity]?.readers ?? [] {
      // What it has read was in another file, which had this one's inode.
      if !copy.isCompressed, let place = await reader.place, (try? place.fits(copy.file, size: copy.size)) == false {
        continue
      }
      copies.append(reader)
    }
    if copy.isCompressed, let head = try? copy.file.bytes(at: 0, count: FileHead.byteLimit) {
      // Its name may be known still, as where nobody has looked since.
      for reader in files.values.flatMap(\.readers) where RotatedName(reader.path, of: path) != nil {
        if await reader.isDeleted(beginningWith: head) { copies.append(reader) }
      }
    }
    if await wasReadByItself(copy, of: path) { return .isReadByItself }
    var noted = FollowedFile.NotedCopy.passedOver
    for reader in copies where await reader.noteCopy() == .isReadByItself { noted = .isReadByItself }
    return noted
  }

  /// Whether a compressed copy is of one that was read to its end before it was compressed.
  private func wasReadByItself(_ copy: RotatedCopy, of path: FilePath) async -> Bool {
    guard let gzip = copy.file as? GzipFile else { return false }
    let places = formerPlaces.ended(rotatedFrom: path)
    do {
      try await prepare(gzip, before: places)
      return try places.contains { try gzip.knownSize == $0.offset && $0.fits(gzip, size: $0.offset) }
    } catch {
      return false  // reading it fails too, and says so
    }
  }

  /// Those that may be copies ask again whether they are.
  func askAgainForCopies() async {
    let identities = undecided.sorted { $0.inode < $1.inode }
    undecided = []
    for identity in identities { for reader in files[identity]?.readers ?? [] { await reader.askAgain() } }
  }
}
