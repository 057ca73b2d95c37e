import Coroutines
import Logging
import SystemPackage

/// Rotation by copy and truncate (logrotate's `copytruncate`): what was written between the last read and the
/// truncation is in the copy, and the copy itself is not a new file.
extension FollowedFile {
  /// Looks for a copy that was made before the file was truncated, and goes on there if it has more than was read. The
  /// next generation begins otherwise.
  ///
  /// - Throws: `CancellationError`.
  func findCopy() async throws {
    guard var place = reader.place else { return await startAnew() }
    if place.offset == 0 { place.head = seenHead }
    guard place.offset > 0 || place.head.byteCount > 0 else { return await startAnew() }
    do {
      var search = copySearch
      var found = try await copied(place, &search)
      // It may be renamed or compressed just now.
      for _ in 1..<Follower.looksInARow {
        guard found == nil, search.isStale else { break }
        search = copySearch
        found = try await copied(place, &search)
      }
      if found == nil, let trouble = search.troubles.first {
        surroundings.log.warning("cannot look for a copy of \(path) in \(trouble.path): \(trouble.reason)")
      }
      guard source != nil else { return }
      if found == nil, place.offset == 0, noteShortening() { return }
      guard let found else {
        await startAnew()
        return loseUnread()
      }
      // What was taken for a file of its own is read there, from its beginning.
      guard await surroundings.noteCopy(found, path) == .passedOver else {
        let size = found.wholeSize ?? lastSeenSize
        if lastSeenSize > size { lose(size..<lastSeenSize) }
        lastSeenSize = reader.readOffset
        return try await startAnew(after: found)
      }
      guard found.hasMore(than: place) else { return try await startAnew(after: found) }
      surroundings.log.debug("the rest of \(path) is read in its copy \(found.path)")
      copy = found
      noteSize()
      hasSaidEnding = false
    } catch let error as SystemError {
      surroundings.log.warning("cannot look for a copy of \(path): \(error)")
      await startAnew()
      loseUnread()
    } catch {
      if source != nil { throw error }  // else it was stopped: what is in the copy is sought the next time
    }
  }

  /// A copy of this generation: of one of which little was read, none that is known to be of a former one.
  private func copied(_ place: Checkpoint, _ search: inout CopySearch) async throws -> RotatedCopy? {
    while let found = try await search.copied(place) {
      guard place.marker.byteCount < Fingerprint.markerByteLimit,
        try formerGenerations.contains(where: {
          try $0.originality(of: found.file, found.file.status(), isRotatedByName: true) == .copy
        })
      else { return found }
      search.excluded.insert(found.path)
    }
    return nil
  }

  var copySearch: CopySearch {
    CopySearch(
      surroundings.files, own: surroundings.own, more: rotated, for: formerGenerations.map(\.place)
    ) { [self] in try await giveWay() }
  }

  /// The next generation begins: in another copy, if the file was copied and truncated again while nobody looked.
  ///
  /// - Parameter read: the copy of the generation that is over.
  /// - Throws: `CancellationError`.
  func startAnew(after read: RotatedCopy) async throws {
    var search = copySearch
    var later: [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] = []
    do {
      // By times alone, as those of compressed files are, former generations may seem later: a clock may be set back.
      later = try await search.rotated(
        from: path, after: (read.path, read.status), unknownTo: formerGenerations.map(\.place))
    } catch let error as SystemError {
      surroundings.log.warning("cannot look for more copies of \(path): \(error)")
    } catch {
      if source == nil { return }
      throw error
    }
    await startAnew()
    // What was copied just now is read where it was copied from.
    later.removeAll { $0.copy.map(isUntruncated) == true }
    // Copies of the first of them are gone.
    while unread.count > later.count, let size = unread.popFirst() { lose(0..<size) }
    for (index, other) in later.enumerated() {
      // What was taken for a file of its own is read there.
      let size = unread.takeSize(
        ofCopyOf: other.copy.flatMap { $0.isCompressed ? nil : $0.size }, copiesLeft: later.count - index)
      guard let next = other.copy else {
        if size > 0 { lose(0..<size) }  // it cannot be read, as where another program compressed it
        continue
      }
      guard await !surroundings.isFollowed(other.status.identity),
        await surroundings.noteCopy(next, path) == .passedOver
      else {
        // Of a compressed one it is not known at once how much is in it.
        if let whole = next.wholeSize, whole < size { lose(whole..<size) }
        continue
      }
      surroundings.log.debug("\(path) was copied and truncated meanwhile: that is read in \(other.path)")
      copy = next
      lastSeenSize = size
      hasSaidEnding = false
      return
    }
    loseUnread()
  }

  private func isUntruncated(_ copy: RotatedCopy) -> Bool {
    guard case .file(let file) = source, let status = try? file.status() else { return false }
    return copy.isUntruncated(file, status)
  }

  /// How far it was read; nil for a stream.
  var place: Checkpoint? { reader.place }

  /// Whether there is anything in it, as far as can be seen.
  var hasBytes: Bool {
    guard let source, case .file(let file) = source else { return true }
    return (try? file.status()).map { $0.size > 0 } ?? false
  }

  /// What it reads, while that is open; nil for a stream.
  var regularFile: (any ReadableFile)? {
    guard case .file(let file) = source else { return nil }
    return file
  }

  /// What is known of its file while it is open.
  var status: FileStatus? {
    guard case .file(let file) = source else { return nil }
    return try? file.status()
  }

  /// Passes over what is in the file if it is a copy of another that is followed; an empty batch says so to sinks,
  /// whose checkpoints then hold for it after a restart.
  ///
  /// - Returns: false if the file is to be read.
  func passOver(_ file: any ReadableFile, to size: UInt64) async throws -> Bool {
    if isCopy == nil {
      let verdict = await surroundings.originality(self, file)
      // Who reads the original may have found it meanwhile.
      switch isCopy == true ? .copy : verdict {
      case .copy: _ = noteCopy()
      case .original: isCopy = false
      case .copyWithRest(let offset):
        surroundings.log.debug("\(path) is a copy of what a followed file was: read from byte \(offset) on")
        isCopy = false
        try await passOver(file, to: offset, ending: nil)
        return true
      case let verdict:
        if verdict == .unlooked || scheduler.clock.now - quietSince < FileDecision.quietLimit {
          try await bell.wait(atMost: FileDecision.quietLimit)
          return true
        }
        isCopy = false
      }
    }
    guard isCopy == true else { return false }
    try await passOver(file, to: size, ending: .read)
    return true
  }

  /// Passes over a copy while it waits for others: after a restart it cannot be told any more.
  ///
  /// - Returns: whether it did.
  func passOverEarly() async throws -> Bool {
    guard isCopy != false, case .file(let file) = source, let size = status?.size, size > reader.readOffset else {
      return false
    }
    if isCopy == nil, await surroundings.originality(self, file) != .copy { return false }
    return try await passOver(file, to: size)
  }

  private func passOver(_ file: any ReadableFile, to offset: UInt64, ending: Batch.Ending?) async throws {
    do throws(SystemError) {
      let opening = FileOpening(
        file: file, status: try file.status(), origin: reader.origin, clock: scheduler.clock)
      reader = try opening.reader(from: offset, maxLineBytes: reader.maxLineBytes)
      pending.append(.batch(try opening.start(at: offset, ending: ending)))
    } catch {
      try await recover(from: error)
    }
  }
}
