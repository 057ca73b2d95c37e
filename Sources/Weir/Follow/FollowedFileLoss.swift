import Coroutines
import DequeModule
import Logging

/// Bytes that were seen to be there and can be read no more.
extension FollowedFile {
  /// Notes how large the file is while its readers are behind, so that it is known what a truncation takes.
  func noteSize() {
    guard let source, case .file(let file) = source, let status = try? file.status() else { return }
    let size = min(status.size, limit ?? .max)
    if copy != nil || !isAsRead(file, size), noteUnread(size: size, of: file) { return }
    // What was truncated before anything of it was read is looked for in a copy first.
    if size < lastSeenSize, reader.readOffset == 0, seenHead.byteCount > 0 { return }
    note(size: size)
  }

  /// Notes how large is what was written anew: it may be over before it is read.
  ///
  /// - Returns: false where the file was truncated just now, and had that size before.
  @discardableResult
  func noteUnread(size: UInt64, of file: any ReadableFile) -> Bool {
    if copy == nil, unread.isEmpty, (try? file.status().size).map({ $0 < size }) == true { return false }
    unread.note(size: size)
    return true
  }

  /// Whether the bytes before those that are read next are still the ones that were read, or, where none was read, the
  /// first are those that were seen; as far as can be told.
  private func isAsRead(_ file: any ReadableFile, _ size: UInt64) -> Bool {
    // A closed one is held against what was read when it is opened again.
    if file is GzipFile || (file as? ClosableFile)?.isClosed == true { return true }
    do throws(SystemError) {
      if reader.readOffset == 0 { return try seenHead.matches(file, at: 0) }
      if size < reader.readOffset { return false }
      let last = reader.held.suffix(Fingerprint.markerByteLimit)
      return try file.bytes(at: reader.readOffset - UInt64(last.count), count: last.count).elementsEqual(last)
    } catch {
      return true  // reading it fails too, and is tried again
    }
  }

  /// A file that is shorter than it was and not shorter than what was read has lost what lay between; and all that it
  /// had, where nothing says that what is there now was there before.
  func note(size: UInt64) {
    if size != lastSeenSize { quietSince = scheduler.clock.now }
    if copy == nil, size < lastSeenSize, size >= reader.readOffset {
      lose((reader.readOffset == 0 && seenHead.byteCount == 0 ? 0 : size)..<lastSeenSize)
      lastSeenSize = size
    }
    lastSeenSize = max(lastSeenSize, size)
  }

  /// Says of generations that came and went before they were read that they are lost.
  func loseUnread() {
    while let size = unread.popFirst() { lose(0..<size) }
    unread = UnreadGenerations()
  }

  /// Says what was seen and is gone, as it is stopped: the next run knows nothing of that. It reads on in copies, if
  /// there are any.
  func loseAsStopped() {
    if copy != nil || !unread.isEmpty && !mayHaveCopies { loseUnread() }
    if let size = copy?.wholeSize, lastSeenSize > size { lose(size..<lastSeenSize) }
  }

  /// As it is stopped, a file that is deleted is given up, where there is no copy of it: nobody reads the rest of it
  /// any more, and what was read of it is given out.
  ///
  /// - Returns: whether it was.
  func giveUpDeleted() -> Bool {
    guard copy == nil, limit == nil, !hasSaidRead, case .file(let file) = source, !(file is GzipFile),
      let status = try? file.status(), status.linkCount == 0, status.size >= reader.readOffset, !mayHaveCopies
    else { return false }
    let offset = reader.readOffset
    lastSeenSize = offset
    endGeneration()
    if status.size > offset {
      surroundings.log.warning("\(path) is deleted: what it had behind byte \(offset) is lost")
      pending.append(
        .gap(Gap(origin: reader.origin, first: offset, last: status.size - 1, reason: .lostInRotation)))
    }
    let head = offset == 0 ? seenHead : reader.start(scheduler.clock).head
    let place = reader.cutPlace
    pending.append(
      .batch(
        .start(in: reader.origin, at: place.offset, head: head, marker: place.marker, scheduler.clock, ending: .lost)))
    hasSaidRead = true
    return true
  }

  private var mayHaveCopies: Bool {
    var search = copySearch
    return (try? search.hasRotated(path)) ?? true
  }

  /// A file of which nothing was read may have lost its end alone.
  ///
  /// - Returns: whether it begins as it did.
  func noteShortening() -> Bool {
    guard case .file(let file) = source, let status = try? file.status(), status.size > 0,
      (try? seenHead.matches(file, at: 0)) == true
    else { return false }
    note(size: status.size)
    return true
  }

  /// Says, before anything else that is pending, which bytes were there and can be read no more.
  func lose(_ range: Range<UInt64>, _ reason: Gap.Reason = .truncated) {
    let what = reason == .truncated ? "was truncated" : "cannot be read"
    surroundings.log.warning("\(path) \(what): \(range.count) bytes that were not read yet are lost")
    pending.prepend(
      .gap(Gap(origin: reader.origin, first: range.lowerBound, last: range.upperBound - 1, reason: reason)))
  }
}

extension Gap {
  /// Whether who reads the file from there again comes upon it again.
  var isReadAgain: Bool {
    switch reason {
    case .tooLong, .unreadable, .hole: true
    case .truncated, .lostInRotation, .replaced: false
    }
  }
}
