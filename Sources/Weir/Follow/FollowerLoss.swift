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
    do throws(SystemError) {
      let identity = try fileSystem.status(of: path).identity
      if checkpoints.contains(where: { $0.identity == identity }) {
        // It was written anew in place, which is said when it is opened; or its inode was free again.
        if search.troubles.isEmpty, (try? search.unread(from: path))?.isEmpty == true { return }
      } else {
        // A file of another name was renamed to this one, as under a glob each rotation does.
        let all = known[patterns[pattern].pipeline].sinkCheckpoints.joined()
        if all.contains(where: { $0.identity == identity }) { return }
      }
    } catch {
      // Of names that a glob selected nothing is to come.
      guard error.isAbsence, patterns[pattern].glob.isPlain else { return }
    }
    let origin = Origin(path: path, identity: last.identity)
    let reason = try reasonOfLoss(last, at: path, after: &search)
    losses[path] = [Gap(origin: origin, first: last.offset, last: last.offset, reason: reason)]
  }

  /// Takes down, for the next file of that name, that a whole file that was rotated away from there is not read.
  func noteUnread(_ place: FilePath, _ identity: FileIdentity, at path: FilePath) {
    log.warning("\(path) was rotated away and compressed meanwhile: that is not read; look in \(place)")
    losses[path, default: []].append(
      Gap(origin: Origin(path: path, identity: identity), first: 0, last: 0, reason: .lostInRotation))
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
