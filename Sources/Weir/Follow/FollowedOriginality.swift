import Coroutines
import Logging
import SystemPackage

/// Telling whether a file that appears is a copy that a rotation made of this one.
extension FollowedFile {
  /// Where its reading is, and where it was when the last generations ended.
  var places: [Checkpoint] { [reader.place].compactMap(\.self) + formerGenerations.map(\.place) }

  /// Takes down where compressed files end that were made of this one before the last was written to it: by that they
  /// are known for its copies when it is gone, whatever their times say.
  ///
  /// - Returns: false where it was stopped meanwhile.
  func noteCutCopies() async -> Bool {
    guard copy == nil, case .file(let file) = source, !(file is GzipFile), let place = reader.place else { return true }
    var search = copySearch
    do {
      for other in try search.candidates(for: path) where other.place.name != nil {
        guard let size = try await other.file.presumedSize().map(UInt64.init), size > 0, size < place.offset,
          let head = try await other.file.firstBytes(), try file.bytes(at: 0, count: head.count) == head
        else { continue }
        let count = min(size, UInt64(Fingerprint.markerByteLimit))
        let last = try file.bytes(at: size - count, count: Int(count))
        var cut = place
        cut.offset = size
        cut.head = head.withUnsafeBytes { Fingerprint(of: $0) }
        cut.marker = last.withUnsafeBytes { Fingerprint.marker(before: $0) }
        formerGenerations.append(FormerGeneration(place: cut, beginning: nil, endedAt: scheduler.clock.wall))
      }
    } catch {
      surroundings.log.debug("cannot look for copies of \(path): \(error)")
    }
    return source != nil
  }

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

  /// Whether no name leads to it on the disk, and it begins as a file of which these are the first bytes, or all.
  func isDeleted(beginningWith head: [UInt8]) -> Bool {
    guard case .file(let file) = source, let status = try? file.status(), status.linkCount == 0, !head.isEmpty,
      head.count == FileHead.byteLimit || status.size == UInt64(head.count)
    else { return false }
    return (try? file.bytes(at: 0, count: head.count)) == head
  }

  /// Another file ended a generation: this one may be a copy of that.
  func askAgain() { if isCopy == nil { bell.ring() } }

  /// How `file`, in the same folder, relates to what was read here: it is a copy if it has all of it, and more than
  /// a few bytes, for many logs begin with the same banner; of a few bytes, if it has no others. One that has less may
  /// still be written, or was made before the last lines were: when this file was truncated after that, it is a copy.
  ///
  /// - Parameters:
  ///   - isRotatedByName: whether its name is one that a rotation gives.
  ///   - wasThere: whether it was there when following began: then it may have been renamed, and is a copy only where
  ///     this file, which was read before, begins with all of it.
  func originality(of file: any ReadableFile, isRotatedByName: Bool, wasThere: Bool = false) -> Originality {
    do throws(SystemError) {
      return try relation(of: file, isRotatedByName: isRotatedByName, wasThere: wasThere)
    } catch {
      return .undecided  // an error says nothing: both may be read soon
    }
  }

  private func relation(
    of file: any ReadableFile, isRotatedByName: Bool, wasThere: Bool
  ) throws(SystemError) -> Originality {
    let status = try file.status()
    if copy?.status.identity == status.identity { return .copy }
    // What is seen here may be truncated before this reader looks.
    noteSize()
    let isBeginning = isRotatedByName ? try begins(with: file, size: status.size) : false
    if isBeginning, status.size > 0 {
      let opening = FileOpening(
        file: file, status: status, origin: Origin(path: path, identity: status.identity), clock: scheduler.clock)
      seenCopies[status.identity] = try opening.start(at: status.size).checkpoint
    }
    if wasThere, isBeginning {
      let isLong = status.size > UInt64(Fingerprint.markerByteLimit)
      return firstStarts.flatMap(\.offsets).contains { $0 > 0 } && isLong ? .copy : .undecided
    }
    if isRotatedByName, try isUnread(beside: file, size: status.size) { return .undecided }
    if !wasThere, let place = reader.place, place.offset > 0 {
      if try place.isCopied(to: file, size: status.size, isRotatedByName: isRotatedByName) { return .copy }
      if isRotatedByName {
        if isBeginning { return .undecided }
        if try isUnlooked(place) {
          bell.ring()
          return .unlooked
        }
      }
    }
    if wasThere, let place = reader.place, place.offset > 0, try isUnlooked(place) {
      bell.ring()
      return .unlooked
    }
    for former in formerGenerations.reversed() {
      let verdict = try former.originality(of: file, status, isRotatedByName: isRotatedByName)
      if verdict != .original { return verdict }
    }
    return .original
  }

  private func begins(with other: any ReadableFile, size: UInt64) throws(SystemError) -> Bool {
    try unlessGone { (file) throws(SystemError) in try file.begins(with: other, size: size) } ?? false
  }

  /// Asks this file something; nil where it is closed, and gone.
  private func unlessGone<Value>(
    _ body: (any ReadableFile) throws(SystemError) -> Value
  ) throws(SystemError) -> Value? {
    guard case .file(let file) = source else { return nil }
    do { return try body(file) } catch {
      guard error.isAbsence else { throw error }
      return nil
    }
  }

  /// Whether nothing of this file was read yet, as where no event says that there is something, and it begins as the
  /// other does: it is read first.
  private func isUnread(beside other: any ReadableFile, size: UInt64) throws(SystemError) -> Bool {
    guard reader.readOffset == 0, copy == nil, size > 0, try begins(with: other, size: size) else { return false }
    bell.ring()
    return true
  }

  /// Whether another content is in this file than was read of it, and nobody has looked since.
  private func isUnlooked(_ place: Checkpoint) throws(SystemError) -> Bool {
    let seen = try unlessGone { (file) throws(SystemError) -> (size: UInt64, isSame: Bool)? in
      if file is GzipFile { return nil }
      let size = try file.status().size
      return (size, try place.fits(file, size: size))
    }
    guard case .file(let file) = source, let (size, isSame) = seen ?? nil else { return false }
    let seenSize = min(size, limit ?? .max)
    if isSame { note(size: seenSize) } else { noteUnread(size: seenSize, of: file) }
    return !isSame
  }
}

extension ReadableFile {
  /// Whether this file begins with all that is in another; its first bytes and its last are looked at.
  func begins(with other: any ReadableFile, size: UInt64) throws(SystemError) -> Bool {
    let count = Int(min(size, UInt64(FileHead.byteLimit)))
    for offset in [0, size - UInt64(count)] {
      guard try bytes(at: offset, count: count) == other.bytes(at: offset, count: count) else { return false }
    }
    return true
  }
}
