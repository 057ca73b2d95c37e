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
    guard let place = reader.place, place.offset > 0 else { return startAnew() }
    var search = copySearch
    do {
      let found = try await search.copied(place)
      if found == nil, let trouble = search.troubles.first {
        surroundings.log.warning("cannot look for a copy of \(path) in \(trouble.path): \(trouble.reason)")
      }
      guard source != nil else { return }
      // What was taken for a file of its own is read there, from its beginning.
      guard let found, await surroundings.noteCopy(found.status.identity) == .passedOver else { return startAnew() }
      guard found.hasMore(than: place) else { return try await startAnew(after: found) }
      surroundings.log.debug("the rest of \(path) is read in its copy \(found.path)")
      copy = found
      hasSaidEnding = false
    } catch let error as SystemError {
      surroundings.log.warning("cannot look for a copy of \(path): \(error)")
      startAnew()
    } catch {
      if source != nil { throw error }  // else it was stopped: what is in the copy is sought the next time
    }
  }

  var copySearch: CopySearch {
    CopySearch(surroundings.files, own: surroundings.own, more: rotated) { [self] in try await giveWay() }
  }

  /// The next generation begins: in another copy, if the file was copied and truncated again while nobody looked.
  ///
  /// - Parameter read: the copy of the generation that is over.
  /// - Throws: `CancellationError`.
  func startAnew(after read: RotatedCopy) async throws {
    var search = copySearch
    var later: [(path: FilePath, status: FileStatus, copy: RotatedCopy?)] = []
    do {
      later = try await search.rotated(from: path, after: (read.path, read.status), unknownTo: [])
    } catch let error as SystemError {
      surroundings.log.warning("cannot look for more copies of \(path): \(error)")
    } catch {
      if source == nil { return }
      throw error
    }
    startAnew()
    for other in later {
      // What is followed by its own name is read there.
      guard let next = other.copy, await !surroundings.isFollowed(other.status.identity) else { continue }
      surroundings.log.debug("\(path) was copied and truncated meanwhile: that is read in \(other.path)")
      copy = next
      hasSaidEnding = false
      return
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
      case .copy: _ = noteCopy()
      case .original: isCopy = false
      case let verdict:
        if verdict == .unlooked || scheduler.clock.now - quietSince < FileDecision.quietLimit {
          try await bell.wait(atMost: FileDecision.quietLimit)
          return true
        }
        isCopy = false
      }
    }
    guard isCopy == true else { return false }
    do throws(SystemError) {
      let opening = FileOpening(
        file: file, status: try file.status(), origin: reader.origin, clock: scheduler.clock)
      reader = try opening.reader(from: size, maxLineBytes: reader.maxLineBytes)
      pending.append(.batch(try opening.start(at: size, ending: .read)))
    } catch {
      try await recover(from: error)
    }
    return true
  }

  /// Where its reading is, and where it was when the last generation ended.
  var places: [Checkpoint] { [reader.place, formerPlace?.place].compactMap { $0 } }

  /// It is a copy that another reader knows.
  ///
  /// - Returns: whether it is read by itself all the same, as that has begun.
  func noteCopy() -> NotedCopy {
    if isCopy == nil {
      surroundings.log.debug("\(path) is a copy of a followed file: passed over")
      isCopy = true
      bell.ring()
    }
    return isCopy == true ? .passedOver : .isReadByItself
  }

  /// How `file`, in the same folder, relates to what was read here: it is a copy if it has all of it, and more than
  /// a few bytes, for many logs begin with the same banner; of a few bytes, if it has no others. One that has less may
  /// still be written, or was made before the last lines were: when this file was truncated after that, it is a copy.
  ///
  /// - Parameter isRotatedByName: whether its name is one that a rotation gives.
  func originality(of file: any ReadableFile, isRotatedByName: Bool) -> Originality {
    guard let status = try? file.status() else { return .undecided }
    if copy?.status.identity == status.identity { return .copy }
    if let place = reader.place, place.offset > 0 {
      if isCopied(place, in: file, size: status.size, isRotatedByName) { return .copy }
      if isRotatedByName {
        if hasBeginning(of: file, size: status.size) { return .undecided }
        if isUnlooked(place) {
          bell.ring()
          return .unlooked
        }
      }
    }
    guard let former = formerPlace, former.place.offset > 0 else { return .original }
    if isCopied(former.place, in: file, size: status.size, isRotatedByName) { return .copy }
    guard status.size < former.place.offset else { return .original }
    let mayBeCopy = isRotatedByName && status.modifiedAt <= former.endedAt
    if let beginning = former.beginning, status.size <= beginning.count {
      return mayBeCopy && begins(beginning, with: file, size: status.size) ? .copy : .original
    }
    guard (try? former.place.head.matches(file, at: 0)) == true else { return .original }
    return mayBeCopy ? .copy : .undecided
  }

  /// Whether another content is in this file than was read of it, and nobody has looked since.
  private func isUnlooked(_ place: Checkpoint) -> Bool {
    guard case .file(let file) = source, !(file is GzipFile), let size = status?.size else { return false }
    return (try? place.fits(file, size: size)) == false
  }

  /// Whether these bytes begin with all that is in a file.
  private func begins(_ bytes: [UInt8], with file: any ReadableFile, size: UInt64) -> Bool {
    (try? file.bytes(at: 0, count: Int(size))).map { $0 == Array(bytes.prefix(Int(size))) } ?? false
  }

  private func isCopied(
    _ place: Checkpoint, in file: any ReadableFile, size: UInt64, _ isRotatedByName: Bool
  ) -> Bool {
    let isShort = place.marker.byteCount < Fingerprint.markerByteLimit
    // Of a short log, the marker is of all that was read.
    if isShort, !isRotatedByName || UInt64(place.marker.byteCount) != place.offset || size != place.offset {
      return false
    }
    return (try? place.fits(file, size: size)) == true
  }

  /// Whether this file begins with all that is in another; its first bytes and its last are looked at.
  private func hasBeginning(of other: any ReadableFile, size: UInt64) -> Bool {
    guard case .file(let file) = source else { return false }
    let count = Int(min(size, UInt64(FileHead.byteLimit)))
    do throws(SystemError) {
      for offset in [0, size - UInt64(count)] {
        guard try file.bytes(at: offset, count: count) == other.bytes(at: offset, count: count) else { return false }
      }
      return true
    } catch {
      return false
    }
  }
}
