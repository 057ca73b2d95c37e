import Coroutines
import Logging

/// What is read through gzip: getting to where reading is without keeping others waiting, and how it ends.
extension FollowedFile {
  /// Lets others have their turn in the middle of something long.
  ///
  /// - Throws: `CancellationError`, also where it was stopped meanwhile.
  func giveWay() async throws {
    await Task.yield()
    try Task.checkCancellation()
    if source == nil { throw CancellationError() }
  }

  /// Reads up to where this file's reading is, and a little on, so that what follows takes a bounded time.
  ///
  /// - Returns: false where that failed, it was stopped meanwhile, or there is something to say first.
  /// - Throws: `CancellationError`.
  func prepare(_ gzip: GzipFile) async throws -> Bool {
    do throws(SystemError) {
      while try !gzip.step(toward: reader.readOffset) {
        await Task.yield()
        if source == nil { return false }
      }
    } catch {
      try await recover(from: error)
      return false
    }
    try Task.checkCancellation()
    if gzip.knownSize <= reader.readOffset { noteEnding(of: gzip) }
    return pending.isEmpty
  }

  /// Says once how the content ends, where that is not how it should.
  private func noteEnding(of gzip: GzipFile) {
    guard !hasSaidEnding else { return }
    let offset = reader.readOffset
    switch gzip.ending {
    case .damaged(let reason):
      surroundings.log.error(
        "\(gzip.path) is damaged: \(reason); what its content has behind byte \(offset) cannot be read")
      noteUnreadable()
    case .cutOff where limit != nil && isNamed:
      surroundings.log.warning(
        "\(gzip.path) is cut off: its content is read up to byte \(offset), and the rest when it comes")
    case .whole where gzip.hasGarbage:
      surroundings.log.warning("\(gzip.path) is read to its end; what follows there is no gzip, and passed over")
    case .cutOff, .whole, nil: return
    }
    hasSaidEnding = true
  }

  /// Says that a compressed file ends too early, when nothing more of it is waited for.
  func noteCutOff(of file: any ReadableFile) {
    guard let gzip = file as? GzipFile, gzip.ending == .cutOff, !isNamed || copy != nil else { return }
    surroundings.log.error(
      "\(gzip.path) is cut off: what its content had behind byte \(reader.readOffset) cannot be read")
    noteUnreadable()
  }

  /// How much that was is not known: the gap names the first byte.
  private func noteUnreadable() {
    let offset = reader.readOffset
    isUnreadable = true
    pending.append(.gap(Gap(origin: reader.origin, first: offset, last: offset, reason: .unreadable)))
  }

  /// Whether a file that begins with this chunk is no text: it was empty when it was opened. What was opened for other
  /// reasons, as a copy, was looked into then. Of text it is said without giving way: until the chunk is taken, nobody
  /// sees that it was read.
  func isForeign(_ file: any ReadableFile, beginningWith chunk: Chunk) async -> Bool {
    guard file.base === file, copy == nil, isCopy != true else { return false }
    let firstBytes = Array(chunk.block.bytes.prefix(min(chunk.freshCount, 16)))
    guard FileContent(firstBytes: firstBytes) != .text else { return false }
    await surroundings.noteForeign(self, firstBytes)
    return true
  }

  /// The file's first KiB, as far as it can be read.
  func firstBytes() -> [UInt8] {
    guard case .file(let file) = source else { return [] }
    return (try? file.bytes(at: 0, count: FileHead.byteLimit)) ?? []
  }

  /// Enough to know a copy of all that is in the file; nil where nothing is, or it cannot be read.
  func wholePlace() -> Checkpoint? {
    guard case .file(let file) = source, let identity = reader.origin.identity else { return nil }
    do throws(SystemError) {
      let status = try file.status()
      if isAtRest(file, status) { return reader.place }
      let opening = FileOpening(file: file, status: status, origin: reader.origin, clock: scheduler.clock)
      let end = try opening.start(at: status.size)
      return Checkpoint(path: path, identity: identity, head: end.head, offset: status.size, marker: end.marker)
    } catch {
      surroundings.log.warning("cannot read what \(path) ends with: \(error)")
      return nil
    }
  }
}
