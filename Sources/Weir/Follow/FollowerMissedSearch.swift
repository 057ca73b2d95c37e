import Coroutines
import Logging
import SystemPackage

/// The search for files that came under a name and were rotated away between two looks.
extension Follower {
  /// - Returns: what was rotated away after the file of `reader`, the oldest first, and for whom: those who knew it
  ///   when they began have read it, or read on in it by what they knew.
  func missed(
    at path: FilePath, after reader: FollowedFile, _ whole: Checkpoint, _ claims: [Int]
  ) async throws -> [(copy: RotatedCopy, claims: [Int])] {
    for round in 1...Self.looksInARow {
      var search = search(claims, for: [whole] + checkpoints(of: path, Set(claims)))
      search.isLast = round == Self.looksInARow
      let elder = try await place(of: reader, whole, from: path, &search)
      let found = try await missed(at: path, after: elder, reader, claims, &search)
      if search.isLast || !search.isStale { return found }
    }
    return []
  }

  /// Files of a path, sought without anything that was to be read.
  struct Sought {
    let lost: [LostFile]
    /// What was at the path then.
    let identity: FileIdentity?
  }

  /// Finds what is to be read of these files, and of those that came after them, and has it read.
  ///
  /// - Parameter isAgain: then what is not found of them was told already.
  func seek(_ lost: [LostFile], at path: FilePath, isAgain: Bool = false) async throws {
    let identity = (try? fileSystem.status(of: path))?.identity
    let found = try await find(lost, at: path, isAgain: isAgain)
    // What comes after one that is read is found by that.
    sought[path] = found.isEmpty ? Sought(lost: lost, identity: identity) : nil
    for found in found { try await follow(found.copy, of: path, found.identity, for: found.takers) }
  }

  /// Seeks again where another file is, or none, than was when others were sought: what was there then was rotated away
  /// before it was looked at.
  func findMovedSinceSearch() async throws {
    for (path, sought) in sought.sorted(by: { $0.key.string < $1.key.string })
    where (try? fileSystem.status(of: path))?.identity != sought.identity {
      try await seek(sought.lost, at: path, isAgain: true)
    }
  }

  /// - Parameter elder: where the file of the reader is now.
  private func missed(
    at path: FilePath, after elder: (path: FilePath, status: FileStatus)?, _ reader: FollowedFile, _ claims: [Int],
    _ search: inout CopySearch
  ) async throws -> [(copy: RotatedCopy, claims: [Int])] {
    var found: [(copy: RotatedCopy, claims: [Int])] = []
    for claim in claims {
      let known = checkpoints(of: path, [claim])
      let copies =
        if let elder { try await rotated(from: path, after: elder, unknownTo: known, &search) } else {
          try await rotated(from: path, afterDeleted: reader, claim, unknownTo: known, &search)
        }
      for copy in copies {
        if let index = found.firstIndex(where: { $0.copy.status.identity == copy.status.identity }) {
          found[index].claims.append(claim)
        } else if let file = search.file(at: copy.path), try await !isRead(file, of: path, search),
          try await !wasRead(file, of: path, claim)
        {
          found.append((copy, [claim]))
        }
      }
    }
    let order = try order(from: path, &search)
    return found.sorted { order($0.copy, $1.copy) }
  }

  /// What was rotated away from `path` after a file that is read to its end and was deleted: what was written to after
  /// that.
  private func rotated(
    from path: FilePath, afterDeleted reader: FollowedFile, _ claim: Int, unknownTo known: [Checkpoint],
    _ search: inout CopySearch
  ) async throws -> [RotatedCopy] {
    guard let status = await reader.status, status.linkCount == 0, status.size > 0 else { return [] }
    let later = try await readable(at: path, &search) { search in
      try await search.rotated(
        from: path, writtenAfter: status.modifiedAt.wholeMilliseconds, unknownTo: known
      ).filter { $0.copy != nil }
    }
    var unread: [RotatedCopy] = []
    for copy in later {
      // What was read of another file with its inode says nothing, nor what was empty, which fits any.
      if let place = formerPlaces.place(of: copy.status.identity, pipeline: patterns[claim].pipeline), place.offset > 0,
        try await search.file(at: copy.path)?.fits(place) == true
      {
        continue
      }
      unread.append(copy)
    }
    return unread
  }

  /// Whether a copy is of what was read to its end since following began: a clock that was set back has it seem newer.
  private func wasRead(_ file: RotatedFile, of path: FilePath, _ claim: Int) async throws -> Bool {
    for place in formerPlaces.ended(at: path, for: patterns[claim].pipeline) {
      if try await file.fits(place), try await file.hasLess(than: place.offset + 1) { return true }
    }
    return false
  }

  /// Whether a copy is of what is read now, under the path or as what a rotation made of it.
  ///
  /// - Parameter other: whose own it is not.
  private func isRead(
    _ file: RotatedFile, of path: FilePath, _ search: CopySearch, besides other: FollowedFile? = nil
  ) async throws -> Bool {
    for reader in files.values.flatMap(\.readers)
    where reader !== other && (reader.path == path || RotatedName(reader.path, of: path) != nil) {
      if try await search.isKnown(file, to: await reader.places) { return true }
      // Of one that waits, and of which nothing is known but how it begins, it is what was compressed.
      if file.isCompressed, let head = try await file.firstBytes(), await reader.isDeleted(beginningWith: head),
        let size = await reader.status?.size, try await file.isPresumably(ofSize: size)
      {
        return true
      }
      if let lost = await reader.lostPlace, lost.isTold(besides: other), try await file.isRest(of: lost) { return true }
      guard let place = await reader.place, let original = await reader.regularFile else { continue }
      // Of one that was deleted, and is open, all is read.
      let whole = (try? original.status()).flatMap { $0.linkCount == 0 ? $0.size : nil } ?? 0
      if try await file.isBeginning(of: original, shorterThan: max(place.offset, whole)) { return true }
    }
    return false
  }

  /// What was compressed of a file that is gone, and of which nothing was read: the oldest that begins as it did, has
  /// as much as was seen of it, and is no other.
  func copy(ofUnread reader: FollowedFile, _ lost: FollowedFile.LostPlace) async throws -> RotatedCopy? {
    let path = reader.path
    let claims = await reader.starts.map(\.pipeline).compactMap { pattern(of: path, in: $0) }
    let known = checkpoints(of: path, Set(claims))
    var search = search(claims, for: known)
    let order = try search.order(from: path)
    for other in try search.candidates(for: path).sorted(by: { order.isOlder($0.place, than: $1.place) }) {
      guard other.place.name != nil, files[other.status.identity]?.readers.isEmpty != false,
        try await other.file.isRest(of: lost), try await !search.isKnown(other.file, to: known),
        try await !isRead(other.file, of: path, search, besides: reader)
      else { continue }
      var wasRead = false
      for claim in claims where try await self.wasRead(other.file, of: path, claim) { wasRead = true }
      if !wasRead { return other.file.open() }
    }
    return nil
  }

  /// Where the file of a reader is now: by its identity, or, where it was deleted, by what it was compressed to.
  private func place(
    of reader: FollowedFile, _ whole: Checkpoint, from path: FilePath, _ search: inout CopySearch
  ) async throws -> (path: FilePath, status: FileStatus)? {
    guard let status = await reader.status else { return nil }
    do {
      if status.linkCount > 0 {
        return try search.place(of: status.identity, from: path).map { ($0, status) }
      }
      search.presumes = true
      if let copy = try await search.copied(whole) { return (copy.path, copy.status) }
      return try await search.cutShort(of: path, firstBytes: await reader.firstBytes(), size: whole.offset)
    } catch let error as SystemError {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      return nil
    }
  }
}
