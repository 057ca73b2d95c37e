import Coroutines
import Logging

/// Rotation by copy and truncate (logrotate's `copytruncate`): what was written between the last read and the
/// truncation is in the copy, and the copy itself is not a new file.
extension FollowedFile {
  /// Looks for a copy that was made before the file was truncated, and goes on there.
  ///
  /// - Returns: whether there is one that has more than was read.
  func findCopy() async throws -> Bool {
    guard let place = reader.place, place.offset > 0 else { return false }
    var search = CopySearch(surroundings.files, own: surroundings.own, more: rotated) { [self] in try await giveWay() }
    do {
      let found = try await search.copied(place)
      if found == nil, let trouble = search.troubles.first {
        surroundings.log.warning("cannot look for a copy of \(path) in \(trouble.path): \(trouble.reason)")
      }
      guard source != nil else { return true }
      guard let found, found.hasMore(than: place) else { return false }
      surroundings.log.debug("the rest of \(path) is read in its copy \(found.path)")
      copy = found.file
      hasSaidEnding = false
      return true
    } catch let error as SystemError {
      surroundings.log.warning("cannot look for a copy of \(path): \(error)")
      return false
    } catch {
      if source == nil { return true }  // it was stopped: what is in the copy is sought the next time
      throw error
    }
  }

  /// How far it was read; nil for a stream.
  var place: Checkpoint? { reader.place }

  /// Whether there is anything in it, as far as can be seen.
  var hasBytes: Bool {
    guard let source, case .file(let file) = source else { return true }
    return (try? file.status()).map { $0.size > 0 } ?? false
  }

  /// What is known of its file while it is open.
  var status: FileStatus? {
    guard case .file(let file) = source else { return nil }
    return try? file.status()
  }

  /// Passes over what is in the file if it is a copy of another that is followed; an empty batch says so to sinks,
  /// whose checkpoints then hold for it after a restart.
  ///
  /// - Returns: false if the file is one of its own.
  func passOver(_ file: any ReadableFile, to size: UInt64) async throws -> Bool {
    if isCopy == nil {
      switch await surroundings.originality(self, file) {
      case .copy:
        surroundings.log.debug("\(path) is a copy of a followed file: passed over")
        isCopy = true
      case .undecided where scheduler.clock.now - quietSince < FileDecision.quietLimit:
        try await bell.wait(atMost: FileDecision.quietLimit)
        return true
      case .original, .undecided: isCopy = false
      }
    }
    guard isCopy == true else { return false }
    do throws(SystemError) {
      let opening = FileOpening(
        file: file, status: try file.status(), origin: reader.origin, clock: scheduler.clock)
      reader = try opening.reader(from: size, maxLineBytes: reader.maxLineBytes)
      pending.append(.batch(try opening.start(at: size)))
    } catch {
      try await recover(from: error)
    }
    return true
  }

  /// Where its reading is, and where it was when the last generation ended.
  var places: [Checkpoint] { [reader.place, formerPlace].compactMap { $0 } }

  /// How `file`, in the same folder, relates to what was read here: it is a copy if it has all of it, and more than
  /// a few bytes, for many logs begin with the same banner; of a few bytes, if it has no others.
  ///
  /// - Parameter isRotatedByName: whether its name is one that a rotation gives.
  func originality(of file: any ReadableFile, isRotatedByName: Bool) -> Originality {
    guard let size = try? file.status().size else { return .undecided }
    var verdict = Originality.original
    for place in places where place.offset > 0 {
      let isShort = place.marker.byteCount < Fingerprint.markerByteLimit
      // Of a short log, the marker is of all that was read.
      if isShort, !isRotatedByName || UInt64(place.marker.byteCount) != place.offset { continue }
      if !isShort || size == place.offset, (try? place.fits(file, size: size)) == true { return .copy }
      if size < place.offset, (try? place.head.matches(file, at: 0)) == true { verdict = .undecided }
    }
    return verdict
  }
}
