import Coroutines
import Logging
import SystemPackage

/// What is said of a file that went away while nobody looked and is found nowhere.
extension Follower {
  /// Says what is missing of a file that was found nowhere, to each pipeline that had not taken all of it.
  ///
  /// How much that is is not known: the gap names the first byte.
  ///
  /// - Parameters:
  ///   - hadLater: whether another had its name after it, and was rotated away too.
  ///   - search: by which it was not found.
  func noteLoss(
    of file: LostFile, at path: FilePath, hadLater: Bool, after search: inout CopySearch
  ) async throws {
    for (pipeline, takers) in Dictionary(grouping: file.takers, by: { patterns[$0.pattern].pipeline })
      .sorted(by: { $0.key < $1.key })
    {
      let known = known(of: pipeline).sinkCheckpoints
      let missing = known.indices.map { sink in
        takers.contains { $0.sink == sink }
          ? known[sink].first { $0.path == path && $0.identity == file.identity && !$0.isDone } : nil
      }
      let checkpoints = missing.compactMap(\.self)
      guard let last = checkpoints.max(by: { $0.offset < $1.offset }) else { continue }
      // What was empty when it was seen last is found by what was before it, if anything came into it; and of a file
      // that a glob selected and that has no successor, nobody waits for more than was seen, unless it is there under
      // another name, and cannot be read, or its folder cannot.
      let isThere =
        search.troubles.contains { search.file(at: $0.path)?.status.identity == file.identity }
        || (try? search.hasRotated(path)) == nil
      let isAwaited =
        last.hasUnreadHead || isThere || hadLater || !hasNoSuccessor(at: path, for: takers[0].pattern)
      if !isAwaited, isFollowedElsewhere(checkpoints, by: pipeline) { continue }
      if try await last.isBlank || !isAwaited ? true : wasCopy(last, &search) {
        let origin = Origin(path: path, identity: file.identity)
        if !isInPlace(file.identity, at: path) { give([], missing, origin, pipeline) }
        continue
      }
      guard try mayBeMissing(checkpoints, at: path, for: takers[0].pattern, after: &search)
      else { continue }
      let gap = Gap(
        origin: Origin(path: path, identity: file.identity), first: checkpoints.map(\.offset).min()!,
        last: last.offset, reason: try reasonOfLoss(last, at: path, after: &search), mayBeFoundAgain: true)
      if isInPlace(file.identity, at: path) {
        losses[path] = losses[path] ?? [gap]
      } else {
        give([gap], missing, gap.origin, pipeline)
      }
    }
  }

  /// Whether the file of a checkpoint was a copy that nobody had to read; not where that cannot be looked at, which is
  /// said by whoever sought it.
  private func wasCopy(_ checkpoint: Checkpoint, _ search: inout CopySearch) async throws -> Bool {
    do { return try await search.wasCopy(checkpoint) } catch is SystemError { return false }
  }

  /// Whether another content is in the very file, or its inode was free again: what is said of it then stands before
  /// that content.
  private func isInPlace(_ identity: FileIdentity, at path: FilePath) -> Bool {
    guard let status = try? fileSystem.status(of: path) else { return false }
    return status.kind == .regular && status.identity == identity
  }

  /// Whether nothing is under a name that a glob selected.
  private func hasNoSuccessor(at path: FilePath, for pattern: Int) -> Bool {
    guard !patterns[pattern].glob.isPlain else { return false }
    do throws(SystemError) { return try fileSystem.status(of: path).kind != .regular } catch { return error.isAbsence }
  }

  private func mayBeMissing(
    _ checkpoints: [Checkpoint], at path: FilePath, for pattern: Int, after search: inout CopySearch
  ) throws -> Bool {
    do throws(SystemError) {
      let status = try fileSystem.status(of: path)
      let identity = status.identity
      if status.kind != .regular { return !isFollowedElsewhere(checkpoints, by: patterns[pattern].pipeline) }
      if checkpoints.contains(where: { $0.identity == identity }) {
        // It was written anew in place, which is said when it is opened; or its inode was free again.
        return !search.troubles.isEmpty || (try? search.unread(from: path))?.isEmpty != true
      } else {
        // A file of another name was renamed to this one, as under a glob each rotation does. A new file may have the
        // inode of one that is gone, whatever its name was; of what was empty that cannot be told.
        let all = known(of: patterns[pattern].pipeline).sinkCheckpoints.joined()
        let others = all.filter { $0.identity == identity && $0.path != path }
        let mayBeBlank = !checkpoints.contains(where: \.hasUnreadHead)
        if others.contains(where: { $0.isBlank ? mayBeBlank && !$0.isDone : fits($0, at: path) }) { return false }
      }
    } catch {
      guard error.isAbsence else { return false }
    }
    return !isFollowedElsewhere(checkpoints, by: patterns[pattern].pipeline)
  }

  /// Gives out a file of which there is nothing but what is said of it: gaps, and then to each sink that nothing more
  /// is expected, so that it is said once.
  private func give(_ gaps: [Gap], _ missing: [Checkpoint?], _ origin: Origin, _ pipeline: Int) {
    let marks = missing.map { checkpoint in
      checkpoint.map {
        Batch.start(
          in: origin, at: $0.offset, head: $0.head, marker: $0.marker, scheduler.clock, ending: .lost)
      }
    }
    let untold = FileStart(pipeline: pipeline, sinks: missing.map { _ in nil })
    let file = FollowedFile(
      source: nil, starts: [untold],
      reader: LineReader(origin: origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: 1), limit: nil,
      predecessor: nil, isNamed: false,
      first: gaps.map(Reading.gap) + [.change(.replaced(pipeline, FileStart(pipeline: pipeline, sinks: marks)))],
      surroundings: surroundings)
    count(startOf: pipeline)  // beside its own: that of the marks
    give(file)
  }

  /// Takes down, for the next file of that name, that a file that was rotated away from there is not read from
  /// `offset` on.
  ///
  /// - Returns: false where that was said already.
  @discardableResult
  func noteUnread(_ identity: FileIdentity?, at path: FilePath, behind offset: UInt64 = 0) -> Bool {
    if losses[path]?.contains(where: { $0.origin.identity == identity }) == true { return false }
    losses[path, default: []].append(
      Gap(
        origin: Origin(path: path, identity: identity), first: offset, last: offset, reason: .lostInRotation,
        mayBeFoundAgain: true))
    return true
  }

  /// Whether one of these files is under another name that the pipeline follows, as in a folder below.
  private func isFollowedElsewhere(_ checkpoints: [Checkpoint], by pipeline: Int) -> Bool {
    patterns.numbers(of: pipeline).contains { pattern in
      let walk = GlobWalk(patterns[pattern].glob, in: fileSystem, for: .pattern(pattern), watches: nil)
      return walk.found.contains { path in
        guard !patterns[pattern].excludes(path), let status = try? fileSystem.status(of: path),
          own.use(of: path, status.identity) == nil
        else { return false }
        return checkpoints.contains { ($0.mayBeOf(status) || $0.isSetAside) && fits($0, at: path) }
      }
    }
  }

  private func fits(_ checkpoint: Checkpoint, at path: FilePath) -> Bool {
    guard let (source, status) = try? fileSystem.open(path), case .file(let file) = source else { return false }
    return (try? checkpoint.fits(file, size: status.size)) ?? false
  }

  private func reasonOfLoss(
    _ checkpoint: Checkpoint, at path: FilePath, after search: inout CopySearch
  ) throws -> Gap.Reason {
    let offset = checkpoint.offset
    do {
      if let newest = try search.unread(from: path).first {
        log.warning(
          """
          \(path) was rotated away and compressed meanwhile: what it had behind byte \(offset) is not read; look in \
          \(newest)
          """)
        return .lostInRotation
      }
      if try search.hasRotated(path) {
        log.warning("\(path) was rotated away meanwhile and is not found: what it had behind byte \(offset) is lost")
        return .lostInRotation
      }
    } catch let error as SystemError {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      return .lostInRotation
    }
    log.warning("\(path) was replaced meanwhile: what it had behind byte \(offset) is lost")
    return .replaced
  }
}
