import Coroutines
import Logging
import SystemPackage

/// What sinks are told of a file beside its lines, for their checkpoints: by that it is found again, or not missed,
/// after a restart.
extension FollowedFile {
  /// Waits until the sinks are told of the file before this one: killed in between, they would know this one alone, and
  /// the other would count as read. Each takes what it is told in order.
  ///
  /// - Throws: `CancellationError`.
  func waitForElder() async throws {
    while source != nil, let elder = predecessor, await !elder.isTold, await !elder.hasCaughtUp {
      try await bell.wait()
    }
  }

  /// The sinks are told now where they start in it.
  func noteTold() {
    isTold = true
    for file in successors { file.bell.ring() }
  }

  /// A followed name leads here again; sinks that know that nothing more is expected are told that it is.
  func regainName() {
    if !isNamed, hasSaidRead, !isEnding, source != nil {
      hasSaidRead = false
      pending.append(.batch(placeForSinks))
    }
    if !isNamed, isEnding { cameBackLate = true }
    isNamed = true
    bell.ring()
  }

  /// An empty batch where reading is, and that knows how the file begins where none of it was read.
  var placeForSinks: Batch {
    guard reader.readOffset == 0, reader.origin.identity != nil else { return reader.start(scheduler.clock) }
    return .start(in: reader.origin, at: 0, head: seenHead, marker: .none, scheduler.clock)
  }

  /// Tells the sinks how the file begins, for they know only that it is there: if it waits long for its elders, and
  /// meanwhile is rotated away, compressed, and its reader killed, it is found again by that.
  ///
  /// - Returns: whether there is something to tell.
  func noteHead() -> Bool {
    guard reader.readOffset == 0, saidHeadBytes < FileHead.byteLimit, case .file(let file) = source else {
      return false
    }
    do throws(SystemError) {
      let status = try file.status()
      let byteCount = Int(min(status.size, UInt64(FileHead.byteLimit)))
      // Once when there is something, and once when there is enough.
      guard byteCount > saidHeadBytes, saidHeadBytes == 0 || byteCount == FileHead.byteLimit else { return false }
      // Where it was truncated before it is read, what was told before is what finds its copy.
      guard try seenHead.matches(file, at: 0) else { return false }
      let opening = FileOpening(file: file, status: status, origin: reader.origin, clock: scheduler.clock)
      let start = try opening.start(at: 0)
      pending.append(.batch(start))
      seenHead = start.head
      saidHeadBytes = byteCount
      return true
    } catch {
      surroundings.log.debug("cannot look at how \(path) begins: \(error)")
      return false
    }
  }

  /// Tells the sinks how the file began that nothing was read of, as it is read no more: by that it is found again, or
  /// missed, by the next run. What was seen before may be all that a compressed copy has.
  func noteUnreadHead() {
    guard reader.readOffset == 0, reader.origin.identity != nil else { return }
    let isEnough =
      seenHead.byteCount >= Fingerprint.markerByteLimit || seenHead.byteCount > 0 && status?.linkCount == 0
    saidHeadBytes = 0  // what was said may have been among what is not taken any more
    if isEnough || !noteHead(), seenHead.byteCount > 0 { pending.append(.batch(placeForSinks)) }
  }

  /// Tells the sinks that nothing more is expected of the file, where another has its name and all of it was given out.
  /// If it is not found again by the next run, nothing is missing then.
  ///
  /// - Returns: whether there is something to tell.
  func noteRead() -> Bool {
    let hasSaid = noteFormerRead()
    // A FIFO that was in its place may have left that.
    let hasSuccessor = successors.contains { $0.identity != nil }
    guard !hasSaidRead, !isNamed || hasSuccessor, copy == nil, reader.isAtCut, reader.origin.identity != nil
    else { return notePlace() || hasSaid }
    (hasSaidRead, isPlaceUntold) = (true, false)
    pending.append(.batch(reader.start(scheduler.clock, ending: .read)))
    return true
  }

  /// Gives out what a read gave.
  func give(_ chunk: Chunk, of size: UInt64) {
    let readings = reader.take(chunk.block, freshCount: chunk.freshCount, read: chunk.time, of: size)
    if !readings.isEmpty { isPlaceUntold = reader.readOffset < size }
    pending += readings
  }

  /// Tells the sinks where reading is, if what came behind the last lines that were given out ended none: not each was
  /// told of those.
  private func notePlace() -> Bool {
    guard isPlaceUntold else { return false }
    isPlaceUntold = false
    pending.append(.batch(reader.start(scheduler.clock)))
    return true
  }

  /// Tells the sinks that the file of which this one is a copy is read to its end: else another may be taken for that
  /// later, which begins as it did.
  private func noteFormerRead() -> Bool {
    guard let former = copiedPlaces.first?.identity, reader.isAtCut else { return false }
    let place = reader.start(scheduler.clock)
    pending.append(
      .batch(
        .start(
          in: Origin(path: path, identity: former), at: place.end, head: place.head, marker: place.marker,
          scheduler.clock, ending: .copied(copiedPlaces))))
    copiedPlaces = []
    return true
  }
}
