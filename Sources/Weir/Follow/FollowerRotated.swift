import Coroutines
import Logging
import SystemPackage

/// Files that were rotated away while nobody looked, sought in their folder by what checkpoints know of them.
extension Follower {
  private struct Lost: Hashable {
    let path: FilePath
    let identity: FileIdentity
  }

  /// Finds them before anything else is looked at, so that each is read before its successor. The oldest first.
  func findRotated() async {
    var wanted: [Lost: [Int]] = [:]
    var checkpoints: [Lost: [Checkpoint]] = [:]
    for pipeline in known.indices {
      for checkpoint in known[pipeline].sinkCheckpoints.joined() {
        guard let pattern = pattern(of: checkpoint.path, in: pipeline), hasMovedOn(checkpoint) else { continue }
        let lost = Lost(path: checkpoint.path, identity: checkpoint.identity)
        if wanted[lost]?.contains(pattern) != true { wanted[lost, default: []].append(pattern) }
        checkpoints[lost, default: []].append(checkpoint)
      }
    }
    var found: [(lost: Lost, copy: RotatedCopy)] = []
    for (lost, checkpoints) in checkpoints {
      if let copy = find(checkpoints), checkpoints.contains(where: { $0.offset < copy.status.size }) {
        found.append((lost, copy))
      }
    }
    for (lost, copy) in found.sorted(by: { $0.copy.status.modifiedAt < $1.copy.status.modifiedAt }) {
      await follow(copy, of: lost, for: wanted[lost]!)
    }
  }

  /// The pattern by which a pipeline follows a path.
  private func pattern(of path: FilePath, in pipeline: Int) -> Int? {
    patterns.indices.filter { index in
      patterns[index].pipeline == pipeline && patterns[index].glob.matches(path) && !patterns[index].excludes(path)
    }.min { patterns[$0].item < patterns[$1].item }
  }

  /// Whether the file of a checkpoint is not, or no more as it was, where it was.
  private func hasMovedOn(_ checkpoint: Checkpoint) -> Bool {
    guard let (source, status) = try? FileSource.open(checkpoint.path), case .file(let file) = source else {
      return true
    }
    guard status.identity == checkpoint.identity else { return true }
    return (try? checkpoint.fits(file, size: status.size)) == false
  }

  private func find(_ checkpoints: [Checkpoint]) -> RotatedCopy? {
    do throws(SystemError) {
      for checkpoint in checkpoints {
        if let renamed = try RotatedCopy.renamed(checkpoint) { return renamed }
        if let copied = try RotatedCopy.copied(checkpoint) { return copied }
      }
    } catch {
      if !error.isAbsence {
        log.warning("cannot look for rotated copies of \(checkpoints[0].path): \(error)")
      }
    }
    return nil
  }

  private func follow(_ copy: RotatedCopy, of lost: Lost, for claims: [Int]) async {
    let identity = copy.status.identity
    let isNamed = claims.contains { pattern(of: copy.path, in: patterns[$0].pipeline) != nil }
    let claims = claims.filter { claim in
      let pipeline = patterns[claim].pipeline
      if files[identity]?.pipelines.contains(pipeline) == true { return false }
      // A renamed file that a pipeline follows under its new name too is found there.
      return identity != lost.identity || pattern(of: copy.path, in: pipeline) == nil
    }
    guard !claims.isEmpty else {
      if files[identity]?.readers.isEmpty == false { names[lost.path]?.formerIdentity = identity }
      return
    }
    let origin = Origin(path: lost.path, identity: identity)
    let opening = FileOpening(
      file: copy.file, status: copy.status, origin: origin, clock: scheduler.clock, originalIdentity: lost.identity)
    do throws(SystemError) {
      var starts: [FileStart] = []
      for claim in claims { starts.append(try start(opening, for: claim)) }
      try watches?.watchFile(copy.file, identity, path: copy.path)
      let offset = starts.flatMap(\.sinks).map(\.end).min() ?? copy.status.size
      let maxLineBytes = claims.map { patterns[$0].plan.maxLineBytes }.max()!
      let former = names[lost.path]?.formerIdentity
      let file = FollowedFile(
        source: .file(copy.file), starts: starts, reader: try opening.reader(from: offset, maxLineBytes: maxLineBytes),
        limit: isOnce ? copy.status.size : nil, predecessor: former.flatMap { files[$0]?.readers.first },
        isNamed: isNamed, surroundings: surroundings)
      if let former, let elder = files[former]?.readers.first { await elder.precede(file) }
      files[identity, default: OpenFile(wasThereAtStart: true)].readers.append(file)
      files[identity]?.pipelines.formUnion(claims.map { patterns[$0].pipeline })
      for claim in claims { names[lost.path, default: FollowedName()].patterns.insert(claim) }
      names[lost.path]?.formerIdentity = identity
      log.debug("\(lost.path) was rotated away meanwhile: its rest is read in \(copy.path)")
      give(file)
    } catch {
      log.warning("cannot read the rest of \(lost.path) in \(copy.path): \(error)")
    }
  }

  /// How a file that appeared relates to those that are followed beside it.
  func originality(of file: FollowedFile, _ descriptor: Descriptor) async -> FollowedFile.Originality {
    guard let name = file.path.lastComponent?.string else { return .original }
    var verdict = FollowedFile.Originality.original
    for other in files.values {
      let isOriginal = other.names.contains { path in
        guard path.removingLastComponent() == file.path.removingLastComponent(), path != file.path else { return false }
        return path.lastComponent.map { name.hasPrefix($0.string) } ?? false
      }
      guard isOriginal else { continue }
      for reader in other.readers {
        switch await reader.originality(of: descriptor) {
        case .copy: return .copy
        case .undecided: verdict = .undecided
        case .original: break
        }
      }
    }
    return verdict
  }
}
