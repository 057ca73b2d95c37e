import Coroutines
import Logging

/// Regular files: one look at the file, one read of it, a decision, and what follows from that.
extension FollowedFile {
  func step(_ file: any ReadableFile) async throws {
    if copy != nil { noteSize() }
    let sight: FileSight
    let chunk: Chunk
    if let gzip = file as? GzipFile, try await !prepare(gzip) { return }
    do throws(SystemError) {
      (sight, chunk) = try await look(at: file)
      failedReads = 0
    } catch {
      return try await recover(from: error)
    }
    let decision = FileDecision(sight)
    surroundings.log.trace(
      "\(path), inode \(identity?.inode ?? 0), at byte \(sight.readOffset) of \(sight.size): \(decision)")
    if let read = copy, decision != .read || chunk.freshCount == 0 {
      noteCutOff(of: file)
      copy = nil
      guard isLost else { return try await startAnew(after: read) }
      endGeneration()
      return await end()
    }
    switch decision {
    case .read:
      guard chunk.freshCount > 0 else { return _ = try await bell.wait() }
      if reader.readOffset == 0, await isForeign(file, beginningWith: chunk) { isCopy = true }
      if isCopy != false, try await passOver(file, to: sight.size) { return }
      isGenerationOver = false
      hasSaidRead = false
      give(chunk, of: sight.size)
      // Within a hole or a line without an end there is nothing to give out for long: others have their turn.
      if pending.isEmpty { await Task.yield() }
    case .startAnew(let restart): try await beginAgain(file, restart)
    case .wait:
      await catchUp()
      rest(file)
      if !noteRead() { isDismissed = try await surroundings.waiting.wait(at: bell) }
    case .waitQuiet(let limit):
      await catchUp()
      rest(file)
      if !noteRead() { try await bell.wait(atMost: limit) }
    case .end:
      noteCutOff(of: file)
      endGeneration()
      await end()
    }
  }

  /// Looks, and reads what there is to read in the same go, with 64 bytes before it to see whether they are still
  /// those that were read.
  private func look(at file: any ReadableFile) async throws(SystemError) -> (FileSight, Chunk) {
    let status = try file.status()
    var sight = FileSight(size: min(status.size, limit ?? .max), readOffset: reader.readOffset)
    sight.isNamed = isNamed
    sight.isDeleted = status.linkCount == 0
    sight.isOnce = limit != nil
    for file in successors where await file.hasBytes { sight.successorHasBytes = true }
    if sight.size != lastSeenSize { quietSince = scheduler.clock.now }
    sight.quietFor = isGone(file) ? FileDecision.quietLimit : scheduler.clock.now - quietSince
    guard sight.size >= reader.readOffset, !isAtRest(file, status) else { return (sight, .nothing) }
    let pool = surroundings.pool
    let chunkBytes = Self.chunkBytes(used: pool.usedBytes, inHaste: pool.haste.isOn(at: scheduler.clock.now))
    var byteCount = Int(min(sight.size - reader.readOffset, UInt64(chunkBytes)))
    if let gzip = file as? GzipFile {
      sight.hasEnded = gzip.ending != nil && gzip.ending != .cutOff
      if byteCount > 0 { byteCount = chunkBytes }  // there may be more than is known
    }
    guard try isSame(file, size: sight.size, hasMore: byteCount > 0) else {
      sight.isUnchangedBefore = false
      if try file.status().size < status.size { note(size: sight.size) }  // it was truncated just now
      return (sight, .nothing)
    }
    let chunk = try Chunk.read(file, behind: reader, byteCount: byteCount, surroundings)
    sight.isUnchangedBefore = chunk.isUnchangedBefore
    if chunk.isUnchangedBefore == true { (file as? ClosableFile)?.confirm() }
    // Where it was truncated just now, it still had that size before.
    if chunk.isUnchangedBefore != false || chunk.isShort { note(size: sight.size) }
    return (sight, chunk.freshCount > 0 ? chunk : .nothing)  // who waits holds no block
  }
}
