import Coroutines
import Logging
import SystemPackage

/// Files that were closed because too many were open.
extension FollowedFile {
  /// All was read: it may be closed.
  func rest(_ file: any ReadableFile) { (file.base as? ClosableFile)?.rest() }

  /// Whether there is nothing to open a closed file for.
  func isAtRest(_ file: any ReadableFile, _ status: FileStatus) -> Bool {
    status.size == reader.readOffset && (file as? ClosableFile)?.isUntouched(status) == true
  }

  /// Whether nobody can add to it any more: its inode is gone.
  func isGone(_ file: any ReadableFile) -> Bool { (file.base as? ClosableFile)?.isGone == true }

  /// Whether it is closed, and not known to be gone: where it is found nowhere, it may be there again.
  var isOutOfSight: Bool {
    guard case .file(let file) = source, let closed = file.base as? ClosableFile else { return false }
    return closed.isClosed && !closed.isGone
  }

  /// Whether a file begins as the one that was read: that is looked at where it was opened again, and where there is
  /// more to read, for what was written anew in its place may have the same bytes before that.
  func isSame(_ file: any ReadableFile, size: UInt64, hasMore: Bool) throws(SystemError) -> Bool {
    if copy == nil, reader.readOffset == 0, seenHead.byteCount > 0, !(file is GzipFile) {
      if size < lastSeenSize { return false }
      return try seenHead.matches(file, at: 0)
    }
    let isOpenedAgain = (file as? ClosableFile)?.takeOpenedAgain() == true
    guard isOpenedAgain || hasMore && !(file is GzipFile), let place = reader.place else { return true }
    if place.offset == 0 { return !isNamedAfterAnother(file) }
    return try place.head.matches(file, at: 0)
  }

  /// Gives a file up that was closed and found under another name, and has other bytes than were read of it: it is
  /// another one, which has its inode.
  ///
  /// - Returns: whether it did.
  func disowned(_ file: any ReadableFile) async -> Bool {
    guard copy == nil, let file = file as? ClosableFile, file.isElsewhere else { return false }
    surroundings.log.debug("\(path) is gone: what has its inode is \(file.whereabouts.path)")
    // Of an empty one nothing was known by which it could be told.
    file.disown(mayBeIt: reader.readOffset == 0 && seenHead.byteCount == 0)
    if let identity { await surroundings.noteGone(identity) }
    return true
  }

  /// Whether a file of which nothing was read has a name that no rotation makes of its own.
  private func isNamedAfterAnother(_ file: any ReadableFile) -> Bool {
    guard copy == nil, seenHead.byteCount == 0, let file = file as? ClosableFile else { return false }
    return isElsewhereByName(file)
  }

  /// Whether it was found under a name that no rotation makes of its own.
  private func isElsewhereByName(_ file: ClosableFile) -> Bool {
    file.isElsewhere && !Checkpoint.mayBe(path, rotatedTo: file.whereabouts.path)
  }

  /// Whether an error says that a file that was closed is gone, with bytes that were not read.
  func isLoss(_ error: SystemError) -> Bool {
    guard error.isAbsence, copy == nil, case .file(let file) = source else { return false }
    return (file.base as? ClosableFile)?.isClosed == true
  }

  /// What it had is read in a compressed copy, if there is one; else it is said that it is lost.
  ///
  /// - Throws: `CancellationError`.
  func endLost() async throws {
    isLost = true
    guard try await !findRest() else { return }
    let offset = reader.readOffset
    let last = max(offset, lastSeenSize > 0 ? lastSeenSize - 1 : 0)
    surroundings.log.warning(
      """
      \(path) is gone, and was closed because too many files are open: what it had behind byte \(offset) is lost; \
      raise the limit of open files
      """)
    let gap = Gap(origin: reader.origin, first: offset, last: last, reason: .lostInRotation)
    lastSeenSize = offset
    endGeneration()
    pending += [.gap(gap), .batch(reader.start(scheduler.clock, ending: .lost))]
    hasSaidRead = true
    await end()
  }

  /// What is known of a file that was closed, and is found nowhere.
  struct LostPlace: Sendable {
    let place: Checkpoint
    /// How much was seen of it.
    let size: UInt64

    /// Whether a copy can be told for its own by that, where it is not sought for this very file: how it begins may be
    /// a long banner, which others have too.
    func isTold(besides other: FollowedFile?) -> Bool {
      place.offset > 0 || other == nil && place.head.byteCount < FileHead.byteLimit
    }
  }

  /// Where reading was, if the file was closed and is gone; nil where it is there, or cannot be looked at.
  var lostPlace: LostPlace? {
    guard copy == nil, case .file(let file) = source, let closed = file.base as? ClosableFile, closed.isClosed,
      var place = reader.place
    else { return nil }
    do throws(SystemError) {
      // Another file may have its inode by now.
      guard try closed.status().linkCount == 0 || isElsewhereByName(closed) else { return nil }
    } catch {
      guard error.isAbsence else { return nil }
    }
    if place.offset == 0 { place.head = seenHead }
    return place.head.byteCount > 0 ? LostPlace(place: place, size: lastSeenSize) : nil
  }

  /// - Returns: whether the rest is had, in a copy, or there is none.
  private func findRest() async throws -> Bool {
    guard let place = reader.place else { return false }
    do {
      guard let found = try await place.offset > 0 ? findRest(behind: place) : findUnread(place) else { return false }
      guard source != nil else { return true }
      if found.hasMore(than: place) {
        surroundings.log.debug("the rest of \(path) is read in its copy \(found.path)")
        copy = found
        hasSaidEnding = false
      } else {
        endGeneration()
        await end()
      }
      return true
    } catch let error as SystemError {
      surroundings.log.warning("cannot look for a copy of \(path): \(error)")
      return false
    }
  }

  private func findRest(behind place: Checkpoint) async throws -> RotatedCopy? {
    var search = copySearch
    return try await search.copied(place)
  }

  /// By how it begins alone its copy cannot always be told: who knows the other files says.
  private func findUnread(_ place: Checkpoint) async throws -> RotatedCopy? {
    var place = place
    place.head = seenHead
    if place.head.byteCount == 0 { return nil }
    return try await surroundings.copyOfUnread(self, LostPlace(place: place, size: lastSeenSize))
  }
}

extension RotatedFile {
  /// Whether it is compressed, and has all that was known of a file that is gone.
  func isRest(of lost: FollowedFile.LostPlace) async throws -> Bool {
    guard isCompressed, try await fits(lost.place) else { return false }
    return try await !hasLess(than: lost.size)
  }
}
