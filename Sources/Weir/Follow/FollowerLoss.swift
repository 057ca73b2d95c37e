import Coroutines
import Logging
import SystemPackage

/// What is said of a file that went away while nobody looked and is found nowhere.
extension Follower {
  /// Takes down, for the next file of that name, that what followed on `checkpoints` is lost.
  ///
  /// How much that was is not known: the gap names the first byte.
  ///
  /// - Parameter search: by which it was not found.
  func noteLoss(
    of checkpoints: [Checkpoint], at path: FilePath, for pattern: Int, after search: inout CopySearch
  ) throws {
    guard losses[path] == nil, let last = checkpoints.max(by: { $0.offset < $1.offset }) else { return }
    var isReused = false
    do throws(SystemError) {
      let status = try fileSystem.status(of: path)
      let identity = status.identity
      isReused = status.kind == .regular && checkpoints.contains { $0.identity == identity }
      if status.kind != .regular {
        guard patterns[pattern].glob.isPlain else { return }
      } else if isReused {
        // It was written anew in place, which is said when it is opened; or its inode was free again.
        if search.troubles.isEmpty, (try? search.unread(from: path))?.isEmpty == true { return }
      } else {
        // A file of another name was renamed to this one, as under a glob each rotation does.
        let all = known(of: patterns[pattern].pipeline).sinkCheckpoints.joined()
        if all.contains(where: { $0.identity == identity }) { return }
      }
    } catch {
      // Of names that a glob selected nothing is to come.
      guard error.isAbsence, patterns[pattern].glob.isPlain else { return }
    }
    guard isReused || !isFollowedElsewhere(checkpoints, by: patterns[pattern].pipeline) else { return }
    let origin = Origin(path: path, identity: last.identity)
    let reason = try reasonOfLoss(last, at: path, after: &search)
    losses[path] = [Gap(origin: origin, first: last.offset, last: last.offset, reason: reason)]
  }

  /// Takes down, for the next file of that name, that a whole file that was rotated away from there is not read.
  func noteUnread(_ place: FilePath, _ identity: FileIdentity, at path: FilePath) {
    if losses[path]?.contains(where: { $0.origin.identity == identity }) == true { return }
    log.warning("\(path) was rotated away and compressed meanwhile: that is not read; look in \(place)")
    losses[path, default: []].append(
      Gap(origin: Origin(path: path, identity: identity), first: 0, last: 0, reason: .lostInRotation))
  }

  /// Whether one of these files is under another name that the pipeline follows, as in a folder below.
  private func isFollowedElsewhere(_ checkpoints: [Checkpoint], by pipeline: Int) -> Bool {
    patterns.numbers(of: [pipeline]).contains { pattern in
      let walk = GlobWalk(patterns[pattern].glob, in: fileSystem, for: .pattern(pattern), watches: nil)
      return walk.found.contains { path in
        guard !patterns[pattern].excludes(path), let status = try? fileSystem.status(of: path),
          own.use(of: path, status.identity) == nil
        else { return false }
        return checkpoints.contains { $0.mayBeOf(status) && fits($0, at: path) }
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
