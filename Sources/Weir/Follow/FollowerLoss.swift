import Coroutines
import Logging
import SystemPackage

/// What is said of a file that went away while nobody looked and is found nowhere.
extension Follower {
  /// Takes down, for the next file of that name, that what followed on `checkpoints` is lost.
  ///
  /// How much that was is not known: the gap names the first byte.
  func noteLoss(of checkpoints: [Checkpoint], at path: FilePath, for pattern: Int) {
    guard losses[path] == nil, let last = checkpoints.max(by: { $0.offset < $1.offset }) else { return }
    var isReused = false
    do throws(SystemError) {
      let identity = try fileSystem.status(of: path).identity
      isReused = checkpoints.contains { $0.identity == identity }
      // A file of another name was renamed to this one, as under a glob each rotation does.
      let all = known(of: patterns[pattern].pipeline).sinkCheckpoints.joined()
      guard isReused || !all.contains(where: { $0.identity == identity }) else { return }
    } catch {
      // Of names that a glob selected nothing is to come.
      guard error.isAbsence, patterns[pattern].glob.isPlain else { return }
    }
    guard isReused || !isFollowedElsewhere(checkpoints, by: patterns[pattern].pipeline) else { return }
    guard let reason = reasonOfLoss(last, at: path, isReused: isReused) else { return }
    let origin = Origin(path: path, identity: last.identity)
    losses[path] = [Gap(origin: origin, first: last.offset, last: last.offset, reason: reason)]
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

  /// - Parameter isReused: whether the file there now has the same inode: it was written anew in place, which is
  ///   said when it is opened, or the inode was free again after the old one was compressed.
  /// - Returns: nil if nothing was lost.
  private func reasonOfLoss(_ checkpoint: Checkpoint, at path: FilePath, isReused: Bool) -> Gap.Reason? {
    var search = CopySearch(fileSystem, own: own)
    do throws(SystemError) {
      var compressed: [FilePath] = []
      for copy in try search.compressed(from: path) {
        let size = sizeBeforeGzip(copy)
        if size == UInt32(truncatingIfNeeded: checkpoint.offset) {
          log.debug("\(path) was read to its end and is now \(copy)")
          return nil
        }
        if !isReused || size.map({ UInt64($0) > checkpoint.offset }) == true { compressed.append(copy) }
      }
      if isReused, compressed.isEmpty { return nil }
      if let newest = compressed.first {
        log.warning(
          """
          \(path) was rotated away and compressed meanwhile: what it had behind byte \(checkpoint.offset) is not read; \
          look in \(newest)
          """)
        return .lostInRotation
      }
      if try search.hasRotated(path) {
        log.warning(
          "\(path) was rotated away meanwhile and is not found: what it had behind byte \(checkpoint.offset) is lost")
        return .lostInRotation
      }
    } catch {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      return .lostInRotation
    }
    log.warning("\(path) was replaced meanwhile: what it had behind byte \(checkpoint.offset) is lost")
    return .replaced
  }

  /// What the last four bytes of a gzip file say: the size of its content, modulo 2^32.
  private func sizeBeforeGzip(_ path: FilePath) -> UInt32? {
    guard path.extension == "gz" else { return nil }
    do throws(SystemError) {
      let (source, status) = try fileSystem.open(path)
      guard case .file(let file) = source, status.size >= 18 else { return nil }
      return try file.bytes(at: status.size - 4, count: 4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    } catch {
      if error.isAbsence { return nil }
      log.warning("cannot look into \(path): \(error)")
      return nil
    }
  }
}
