import Coroutines
import Logging
import SystemPackage

/// Which of the files that checkpoints are of are where they were.
extension Follower {
  /// The checkpoints of these pipelines' sinks for files that they follow.
  func all(of numbers: Set<Int>) -> [Checkpoint] {
    var all: [Checkpoint] = []
    for pipeline in numbers.sorted() {
      for (sink, former) in known(of: pipeline).formerCheckpoints.enumerated() {
        for former in former { log.trace("sink \(sink) of pipeline \(pipeline) knew \(former.checkpoint.summary)") }
      }
      for (sink, checkpoints) in known(of: pipeline).sinkCheckpoints.enumerated() {
        for checkpoint in checkpoints {
          log.trace("sink \(sink) of pipeline \(pipeline) knows \(checkpoint.summary)")
          if pattern(of: checkpoint.path, in: pipeline) == nil || isRead(checkpoint, by: pipeline) { continue }
          all.append(checkpoint)
        }
      }
    }
    return all
  }

  /// Those whose files are not, or no more as they were, where they were.
  ///
  /// - Parameter presumesBlank: whether one that was empty counts as such, as what is there may have its inode alone.
  func movedOn(_ checkpoints: [Checkpoint], presumesBlank: Bool = false) async throws -> Set<Checkpoint> {
    var moved: Set<Checkpoint> = []
    var readAt: [FormerFile: Int64] = [:]
    var seen: Set<Checkpoint> = []
    for checkpoint in checkpoints where seen.insert(checkpoint).inserted {
      // An empty file that is done with is not there any more: its inode is any file's.
      if checkpoint.isBlank && (checkpoint.isDone || presumesBlank && canBeSeen(checkpoint.path)) {
        moved.insert(checkpoint)
      } else if try await hasMovedOn(checkpoint) {
        moved.insert(checkpoint)
        readAt[checkpoint.file] = max(readAt[checkpoint.file] ?? 0, checkpoint.readAtMilliseconds)
      }
    }
    for checkpoint in checkpoints where !moved.contains(checkpoint) {
      guard let latest = readAt[checkpoint.file] else { continue }
      // What one sink knew before another did, and less of, is of no other file, whatever is there now; and a file may
      // have moved on between two looks.
      let isOlder = checkpoint.readAtMilliseconds < latest
      if try await isOlder ? true : hasMovedOn(checkpoint) { moved.insert(checkpoint) }
    }
    let heads = Dictionary(grouping: checkpoints, by: \.path).mapValues { Dictionary(grouping: $0, by: \.head) }
    for checkpoint in seen where !checkpoint.isDone && !moved.contains(checkpoint) {
      // Others that were there began alike, as with a banner, of which no more may have been read.
      let isAlike =
        checkpoint.head.byteCount == FileHead.byteLimit
        && heads[checkpoint.path]?[checkpoint.head]?.contains { $0.identity != checkpoint.identity } == true
      guard checkpoint.offset == 0 ? checkpoint.hasUnreadHead : isAlike else { continue }
      if try await wasRotatedSince(checkpoint, checkpoints) { moved.insert(checkpoint) }
    }
    return moved
  }

  /// Whether something was rotated away from the path of a checkpoint since that was set, and has all that it knows:
  /// what is there now begins as that one did, as with a banner, and may have its inode.
  private func wasRotatedSince(_ checkpoint: Checkpoint, _ known: [Checkpoint]) async throws -> Bool {
    let (path, seenAt) = (checkpoint.path, checkpoint.readAtMilliseconds)
    guard seenAt > 0, seenAt <= scheduler.clock.wall.wholeMilliseconds else { return false }
    let known = known.filter { $0.path == path }
    var search = CopySearch(fileSystem, own: own, for: known) { [self] in try await giveWay() }
    do {
      let others = known.filter { $0 != checkpoint }
      for (place, _, copy) in try await search.rotated(from: path, writtenAfter: seenAt, unknownTo: others) {
        guard let copy, let file = search.file(at: place), !isUntruncated(copy, at: path, known) else { continue }
        if try await checkpoint.offset == 0 ? true : file.fits(checkpoint) { return true }
      }
      return false
    } catch is SystemError {
      return false  // who looks for what was rotated away says so
    }
  }

  /// Whether it can be seen what is at a path, or that nothing is.
  private func canBeSeen(_ path: FilePath) -> Bool {
    do throws(SystemError) {
      _ = try fileSystem.status(of: path)
      return true
    } catch {
      return error.isAbsence
    }
  }

  /// Whether the file of a checkpoint is not, or no more as it was, where it was.
  private func hasMovedOn(_ checkpoint: Checkpoint) async throws -> Bool {
    let status: FileStatus
    do throws(SystemError) {
      status = try fileSystem.status(of: checkpoint.path)
      // The device may have another number after a reboot.
      guard status.identity.inode == checkpoint.identity.inode, status.kind == .regular else { return true }
      if own.use(of: checkpoint.path, status.identity) != nil { return false }
    } catch {
      // What cannot be seen now may still be there; it is told when the file is opened.
      return error.isAbsence
    }
    let file = RotatedFile(checkpoint.path, status, in: fileSystem) { [self] in try await giveWay() }
    if checkpoint.offset >= CopySearch.presumedBytes, try await file.hasHead(of: checkpoint),
      try await file.isPresumably(ofSize: checkpoint.offset)
    {
      return false
    }
    guard try await file.fits(checkpoint) else {
      if file.trouble != nil { unseen.insert(checkpoint.path) }
      return file.trouble == nil
    }
    if try await file.content() == .text { seenSizes[checkpoint.file] = status.size }
    return false
  }

  /// Whether a copy of a file that was truncated has less than was seen of that as a pipeline began.
  func lacksSeen(_ copy: RotatedCopy, of path: FilePath, _ identity: FileIdentity) -> Bool {
    seenSize(of: path, identity, copiedTo: copy).map { $0 > copy.size } ?? false
  }

  /// How large a file was seen to be as a pipeline began, of which this is a copy.
  func seenSize(of path: FilePath, _ identity: FileIdentity, copiedTo copy: RotatedCopy) -> UInt64? {
    guard copy.status.identity.inode != identity.inode else { return nil }
    // Compressed it may be the file itself, which was renamed, and lacks nothing; but not where that is still there.
    if copy.isCompressed, (try? fileSystem.status(of: path))?.identity != identity { return nil }
    return seenSizes[FormerFile(path: path, identity: identity)]
  }

  /// Finds files that were under `path` when a pipeline began, and were rotated away, or copied and truncated, before
  /// that is looked at.
  func findMoved(from path: FilePath) async throws {
    guard let waiting = unmoved[path] else { return }
    let moved = try await movedOn(waiting.map(\.checkpoint))
    // What could not be seen at the start may have been rotated away, and others after it.
    let staying = Set(waiting.filter { !unseen.contains(path) || !moved.contains($0.checkpoint) }.map(\.taker))
    var lost: [FileIdentity: LostFile] = [:]
    // What was found since is read, and what came after it too.
    for (checkpoint, taker) in waiting
    where moved.contains(checkpoint) && !isRead(checkpoint, by: patterns[taker.pattern].pipeline) {
      var file = lost[checkpoint.identity] ?? LostFile(identity: checkpoint.identity)
      file.members.append(LostFile.Member(checkpoint: checkpoint, taker: taker))
      if !staying.contains(taker) {
        file.takersWithoutSuccessor.insert(taker)
        file.takersWithoutFile.insert(taker)
      }
      lost[checkpoint.identity] = file
    }
    unmoved[path]?.removeAll { moved.contains($0.checkpoint) }
    if lost.isEmpty { return }
    try await seek(lost.values.flatMap(\.generations), at: path)
  }

  /// Whether what was found in its place when a pipeline began is there no more, and was not sought since: just now it
  /// was rotated away, or copied and truncated.
  func hasJustMoved(_ file: any ReadableFile, _ status: FileStatus, from path: FilePath) throws(SystemError) -> Bool {
    let checkpoints = (unmoved[path] ?? []).map(\.checkpoint).filter { $0.identity == status.identity }
    // Of a compressed file they are of its content.
    guard !checkpoints.isEmpty, FileContent(firstBytes: try file.bytes(at: 0, count: 16), name: path) == .text else {
      return false
    }
    for checkpoint in checkpoints where try !checkpoint.fits(file, size: status.size) { return true }
    return false
  }

  /// Whether a file is a copy of what is at `path` now, which was known there, and that was not truncated yet.
  func isUntruncated(_ copy: RotatedCopy, at path: FilePath, _ known: [Checkpoint]) -> Bool {
    guard !copy.isCompressed, let (source, status) = try? fileSystem.open(path), case .file(let file) = source,
      known.contains(where: { $0.path == path && $0.identity == status.identity })
    else { return false }
    return copy.isUntruncated(file, status)
  }
}

extension Checkpoint {
  fileprivate var file: Follower.FormerFile { Follower.FormerFile(path: path, identity: identity) }
}
