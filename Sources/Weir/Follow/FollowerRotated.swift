import Coroutines
import Logging
import SystemPackage

/// Files that were rotated away while nobody looked, sought by what checkpoints know of them.
extension Follower {
  /// A file that is not, or no more as it was, where it was.
  private struct LostFile {
    let identity: FileIdentity
    var checkpoints: [Checkpoint] = []
    /// By which pipelines follow its path.
    var patterns: Set<Int> = []
    /// Those whose pipelines know nothing of a file that came after it.
    var patternsWithoutSuccessor: Set<Int> = []
    /// Those of them that know of none that is there.
    var patternsWithoutFile: Set<Int> = []
    /// Where it is now.
    var copy: RotatedCopy?

    /// Where the furthest checkpoint stands.
    var offset: UInt64 { checkpoints.map(\.offset).max() ?? 0 }
  }

  private struct Found {
    let copy: RotatedCopy
    /// The file that it was.
    let identity: FileIdentity
    var claims: [Int]
  }

  /// Finds them before anything else is looked at, so that each is read before its successor. The oldest first.
  ///
  /// - Throws: `CancellationError`.
  func findRotated(for numbers: Set<Int>) async throws {
    var lostFiles: [FilePath: [FileIdentity: LostFile]] = [:]
    for pipeline in numbers.sorted() {
      let all = Dictionary(grouping: known(of: pipeline).sinkCheckpoints.joined(), by: \.path)
      for (path, checkpoints) in all {
        guard let pattern = pattern(of: path, in: pipeline) else { continue }
        var lost: [Checkpoint] = []
        for checkpoint in checkpoints where try await hasMovedOn(checkpoint) { lost.append(checkpoint) }
        for checkpoint in lost {
          let identity = checkpoint.identity
          lostFiles[path, default: [:]][identity, default: LostFile(identity: identity)].checkpoints.append(checkpoint)
          lostFiles[path]?[identity]?.patterns.insert(pattern)
          // Where the file that is there now is known, those before it were followed. Of an empty one that was known
          // only its inode is known, which may be another's by now.
          if checkpoints.allSatisfy({ $0.isBlank || lost.contains($0) }) {
            lostFiles[path]?[identity]?.patternsWithoutSuccessor.insert(pattern)
          }
          if lost.count == checkpoints.count { lostFiles[path]?[identity]?.patternsWithoutFile.insert(pattern) }
        }
      }
    }
    for (path, lost) in lostFiles.sorted(by: { $0.key.string < $1.key.string }) {
      // First those of which more is known than how they begin.
      let lost = lost.values.sorted { ($0.offset, $0.identity.inode) > ($1.offset, $1.identity.inode) }
      for found in try await find(lost, at: path) {
        try await follow(found.copy, of: path, found.identity, for: found.claims)
      }
    }
  }

  /// - Returns: what is to be read, the oldest first.
  private func find(_ lost: [LostFile], at path: FilePath) async throws -> [Found] {
    let patterns = Set(lost.flatMap(\.patterns))
    var search = search(patterns, for: checkpoints(of: path, patterns))
    search.presumes = true
    var lost = lost
    for index in lost.indices {
      lost[index].copy = try await find(lost[index], at: path, &search)
      if lost[index].copy != nil { located.insert(lost[index].identity) }
    }
    var found: [Found] = []
    for pattern in Set(lost.flatMap(\.patternsWithoutSuccessor)).sorted() {
      for copy in try await missed(after: &lost, at: path, for: pattern, &search) {
        if let index = found.firstIndex(where: { $0.identity == copy.status.identity }) {
          found[index].claims.append(pattern)
        } else {
          found.append(Found(copy: copy, identity: copy.status.identity, claims: [pattern]))
        }
      }
    }
    for lost in lost {
      guard let copy = lost.copy else { continue }
      // A copy is kept from being read as a file of its own, also when all of it was read.
      let isNamedCopy =
        copy.status.identity != lost.identity
        && lost.patterns.contains { isFollowed(copy, in: self.patterns[$0].pipeline) }
      if isNamedCopy || lost.checkpoints.contains(where: copy.hasMore) {
        found.append(Found(copy: copy, identity: lost.identity, claims: lost.patterns.sorted()))
      }
    }
    return found.sorted { $0.copy.isOlder(than: $1.copy, from: path) }
  }

  /// Files that came under a name and were rotated away while nobody looked, after the last one that is known.
  private func missed(
    after lost: inout [LostFile], at path: FilePath, for pattern: Int, _ search: inout CopySearch
  ) async throws -> [RotatedCopy] {
    func newest() -> Int? {
      let found = lost.indices.filter { lost[$0].patternsWithoutSuccessor.contains(pattern) && lost[$0].copy != nil }
      // What was known by its inode alone may have come after others of which nothing is known.
      let certain = found.filter { lost[$0].checkpoints.contains { !$0.isBlank } }
      return (certain.isEmpty ? found : certain).max { lost[$0].copy!.isOlder(than: lost[$1].copy!, from: path) }
    }
    let known = checkpoints(of: path, [pattern])
    let isLost = lost.contains { $0.patternsWithoutFile.contains(pattern) }
    if !isLost {
      guard let elder = newest().flatMap({ lost[$0].copy }) else { return [] }
      let later = try await rotated(
        from: path, after: (elder.path, elder.status), for: pattern, unknownTo: known, &search)
      if later.isEmpty { return [] }
    }
    // What comes after it hangs on it: it is looked at closely.
    while let index = newest(), lost[index].copy?.isPresumed == true {
      search.presumes = false
      lost[index].copy = try await find(lost[index], at: path, &search)
      search.presumes = true
    }
    guard let elder = newest().flatMap({ lost[$0].copy }) else {
      if isLost { try noteLoss(of: lost.flatMap(\.checkpoints), at: path, for: pattern, after: &search) }
      return []
    }
    return try await rotated(
      from: path, after: (elder.path, elder.status), for: pattern, unknownTo: known, &search)
  }

  /// What was rotated away after `elder`, the oldest first; what cannot be read of it is said.
  func rotated(
    from path: FilePath, after elder: (path: FilePath, status: FileStatus), for pattern: Int,
    unknownTo known: [Checkpoint], _ search: inout CopySearch
  ) async throws -> [RotatedCopy] {
    do {
      var copies: [RotatedCopy] = []
      for (place, status, copy) in try await search.rotated(from: path, after: elder, unknownTo: known) {
        if let copy {
          copies.append(copy)
        } else {
          noteUnread(place, status.identity, at: path)
        }
      }
      return copies
    } catch let error as SystemError {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      return []
    }
  }

  /// The checkpoints of the pipelines that follow a path by these patterns.
  private func checkpoints(of path: FilePath, _ patterns: Set<Int>) -> [Checkpoint] {
    Set(patterns.map { self.patterns[$0].pipeline })
      .flatMap { known(of: $0).sinkCheckpoints.joined() }.filter { $0.path == path }
  }

  /// Whether the file of a checkpoint is not, or no more as it was, where it was.
  private func hasMovedOn(_ checkpoint: Checkpoint) async throws -> Bool {
    let status: FileStatus
    do throws(SystemError) {
      status = try fileSystem.status(of: checkpoint.path)
      if status.kind == .other { return false }
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
    return try await !file.fits(checkpoint) && file.trouble == nil
  }

  private func find(
    _ lost: LostFile, at path: FilePath, _ search: inout CopySearch
  ) async throws -> RotatedCopy? {
    do {
      for checkpoint in lost.checkpoints.sorted(by: { $0.offset > $1.offset }) {
        if let renamed = try await search.renamed(checkpoint) { return renamed }
        if let copied = try await search.copied(checkpoint) { return copied }
      }
      for trouble in search.troubles {
        say(
          once: "\(trouble.path) rotated", .warning,
          "cannot look for the rest of \(path) in \(trouble.path): \(trouble.reason)")
      }
    } catch let error as SystemError {
      if !error.isAbsence { log.warning("cannot look for rotated copies of \(path): \(error)") }
    }
    return nil
  }
}
