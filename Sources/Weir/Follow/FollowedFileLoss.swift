import Coroutines
import DequeModule
import Logging

/// Bytes that were seen to be there and can be read no more.
extension FollowedFile {
  /// Notes how large the file is while its readers are behind, so that it is known what a truncation takes.
  func noteSize() {
    if copy != nil { return noteUnreadSize() }
    guard let source, case .file(let file) = source, let status = try? file.status() else { return }
    let size = min(status.size, limit ?? .max)
    // What was truncated before anything of it was read is looked for in a copy first.
    if size < lastSeenSize, reader.readOffset == 0, seenHead.byteCount > 0 { return }
    // What was written anew to more than was read has lost nothing of that size.
    if size > lastSeenSize, !endsAsRead(file) {
      guard let now = try? file.status().size, now < size else { return }
      // It was truncated just now, and had that size before.
    }
    note(size: size)
  }

  /// The same while what it was before is read in a copy.
  func noteUnreadSize() {
    guard case .file(let file) = source, let status = try? file.status() else { return }
    unread.note(size: min(status.size, limit ?? .max))
  }

  /// Whether the bytes before those that are read next are still the ones that were read, as far as can be told.
  private func endsAsRead(_ file: any ReadableFile) -> Bool {
    let last = reader.held.suffix(Fingerprint.markerByteLimit)
    guard !last.isEmpty, !(file is GzipFile) else { return true }
    do throws(SystemError) {
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

  /// Says of generations that came and went, while a copy was read, that they are lost.
  func loseUnread() { while let size = unread.popFirst() { lose(0..<size) } }

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
