import Coroutines
import Logging
import SystemPackage

/// Where one generation of a file ends, as it was truncated or written anew, and the next begins.
extension FollowedFile {
  /// Another content is in the file than was read of it.
  ///
  /// - Throws: `CancellationError`.
  func beginAgain(_ file: any ReadableFile, _ restart: FileDecision.Restart) async throws {
    if await disowned(file) { return }
    surroundings.log.debug("\(path) was \(restart): it is read from its beginning")
    noteSize()
    try await findCopy()
  }

  /// The next generation begins.
  func startAnew() async {
    noteFormerGeneration()
    seenCopies = [:]
    endGeneration()
    // By where it ends a copy of it is known, should that be looked at after a restart only.
    if reader.readOffset > 0, reader.origin.identity != nil { pending.append(.batch(reader.start(scheduler.clock))) }
    let origin = Origin(path: path, identity: reader.origin.identity)
    reader = LineReader(origin: origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: reader.maxLineBytes)
    if mayBecomeCopy, case .file(let file) = source, (file as? ClosableFile)?.takeClosed() == true { isCopy = nil }
    noteBeginning()
    hasSaidEnding = false
    hasSaidRead = false
    quietSince = scheduler.clock.now
    await surroundings.noteGenerationEnd()
  }

  /// While it waits for others the next generation may begin, and more than one.
  ///
  /// - Returns: whether one did.
  /// - Throws: `CancellationError`.
  func startAnewEarly() async throws -> Bool {
    guard copy == nil, limit == nil, case .file(let file) = source, !(file is GzipFile) else { return false }
    do throws(SystemError) {
      let size = try file.status().size
      let head = reader.readOffset == 0 ? seenHead : reader.place?.head ?? .none
      let begins = try head.matches(file, at: 0)
      if begins, size >= reader.readOffset {
        note(size: size)
        return false
      }
    } catch {
      surroundings.log.debug("cannot look at \(path): \(error)")  // reading it fails too, and is tried again
      return false
    }
    surroundings.log.debug("\(path) was written anew while it waited for others")
    try await findCopy()
    return true
  }

  /// Notes what can be seen of the new generation: it may be over before it is read, with a copy or without.
  private func noteBeginning() {
    (lastSeenSize, seenHead, saidHeadBytes) = (0, .none, 0)
    guard case .file(let file) = source, !(file is GzipFile) else { return }
    do throws(SystemError) {
      lastSeenSize = min(try file.status().size, limit ?? .max)
      let byteCount = Int(min(lastSeenSize, UInt64(FileHead.byteLimit)))
      let bytes = try file.bytes(at: 0, count: byteCount)
      if bytes.count == byteCount { seenHead = bytes.withUnsafeBytes { Fingerprint(of: $0) } }
    } catch {
      surroundings.log.debug("cannot look at how \(path) begins: \(error)")  // reading it fails too, and is tried again
    }
  }

  private func noteFormerGeneration() {
    guard let place = reader.place, place.offset > 0 else { return }
    let former = FormerGeneration(
      place: place, beginning: reader.beginning, copies: seenCopies, endedAt: scheduler.clock.wall)
    formerGenerations = formerGenerations.suffix(FormerGeneration.countLimit - 1) + [former]
  }

  /// Gives out the unfinished line, and says which bytes were there and can be read no more.
  func endGeneration() {
    let offset = reader.readOffset
    pending += reader.finish(read: ReadTime(atMilliseconds: scheduler.clock.wall.wholeMilliseconds))
    isGenerationOver = true
    if lastSeenSize > offset, case .file = source { lose(offset..<lastSeenSize) }
  }
}
