import Coroutines
import Logging
import SystemPackage

/// Files that were rotated away while nobody looked, sought by what checkpoints know of them.
extension Follower {
  /// A sink of the pipeline of a pattern. One may be behind another: a printer's checkpoint is written a second after
  /// a store's. So each has files of its own to make up for.
  struct Taker: Hashable {
    let pattern: Int
    let sink: Int
  }

  struct Found {
    let copy: RotatedCopy
    /// The file that it was.
    var identity: FileIdentity
    var takers: Set<Taker>
  }

  /// Finds them before anything else is looked at, so that each is read before its successor. The oldest first.
  ///
  /// - Throws: `CancellationError`.
  func findRotated(for numbers: Set<Int>) async throws {
    let moved = try await movedOn(all(of: numbers), presumesBlank: true)
    var lostFiles: [FilePath: [FileIdentity: LostFile]] = [:]
    for pipeline in numbers.sorted() {
      for (sink, checkpoints) in known(of: pipeline).sinkCheckpoints.enumerated() {
        for (path, checkpoints) in Dictionary(grouping: checkpoints, by: \.path) {
          guard let pattern = pattern(of: path, in: pipeline) else { continue }
          let lost = checkpoints.filter { moved.contains($0) && !isRead($0, by: pipeline) }
          let taker = Taker(pattern: pattern, sink: sink)
          let others = checkpoints.filter {
            (!moved.contains($0) || $0.isBlank && !$0.isDone) && !isRead($0, by: pipeline)
          }
          unmoved[path, default: []] += others.map { ($0, taker) }
          for checkpoint in lost {
            var file = lostFiles[path]?[checkpoint.identity] ?? LostFile(identity: checkpoint.identity)
            file.members.append(LostFile.Member(checkpoint: checkpoint, taker: taker))
            // Where the file that is there now is known, those before it were followed. Of an empty one that was known
            // only its inode is known, which may be another's by now.
            if checkpoints.allSatisfy({ lost.contains($0) || $0.isBlank && !isRead($0, by: pipeline) }) {
              file.takersWithoutSuccessor.insert(taker)
            }
            if lost.count == checkpoints.count { file.takersWithoutFile.insert(taker) }
            lostFiles[path, default: [:]][checkpoint.identity] = file
          }
        }
      }
    }
    for (path, lost) in lostFiles.sorted(by: { $0.key.string < $1.key.string }) {
      // First those of which more is known than how they begin.
      let lost = lost.values.flatMap(\.generations).sorted {
        ($0.offset, $0.identity.inode) > ($1.offset, $1.identity.inode)
      }
      try await seek(lost, at: path)
    }
  }

  /// - Returns: what is to be read, the oldest first.
  func find(_ lost: [LostFile], at path: FilePath, isAgain: Bool) async throws -> [Found] {
    let before = losses[path]
    for round in 1...Self.looksInARow {
      losses[path] = before
      let once = try await findOnce(lost, at: path, isLast: round == Self.looksInARow)
      guard !once.search.isStale || round == Self.looksInARow else { continue }
      if isAgain { return once.found }
      var search = once.search
      for file in once.lost where file.keptItsPlace { goneReadAt[path] = max(goneReadAt[path] ?? 0, file.readAt) }
      let hadLater = once.found.contains { found in !once.lost.contains { $0.identity == found.identity } }
      for file in once.lost where file.copy == nil {
        try await noteLoss(of: file, at: path, hadLater: hadLater, after: &search)
      }
      return once.found
    }
    return []
  }

  private func findOnce(
    _ lost: [LostFile], at path: FilePath, isLast: Bool
  ) async throws -> (found: [Found], lost: [LostFile], search: CopySearch) {
    let patterns = Set(lost.flatMap(\.takers).map(\.pattern))
    var search = search(patterns, for: checkpoints(of: path, patterns))
    search.presumes = true
    search.isLast = isLast
    var lost = lost
    for index in lost.indices {
      lost[index].copy = try await find(lost[index], at: path, &search)
      if try await isPassedOver(lost[index], at: path, search) { lost[index].copy = nil }
      if lost[index].copy != nil { traced.insert(FormerFile(path: path, identity: lost[index].identity)) }
    }
    var found: [Found] = []
    for taker in Set(lost.flatMap(\.takersWithoutSuccessor)).sorted(by: {
      ($0.pattern, $0.sink) < ($1.pattern, $1.sink)
    }) {
      for copy in try await missed(after: &lost, at: path, for: taker, &search) {
        add(Found(copy: copy, identity: copy.status.identity, takers: [taker]), to: &found)
      }
    }
    for lost in lost {
      guard let copy = lost.copy else { continue }
      // A copy is kept from being read as a file of its own, also when all of it was read.
      let isNamedCopy =
        copy.status.identity != lost.identity
        && lost.takers.contains { isFollowed(copy, in: self.patterns[$0.pattern].pipeline) }
      if isNamedCopy || lost.checkpoints.contains(where: copy.hasMore) || mayGrow(lost, copy, renamedFrom: path)
        || lacksSeen(copy, of: path, lost.identity) || !lost.takersBehind.isEmpty
      {
        let takers = lost.takers.union(lost.takersBehind)
        add(Found(copy: copy, identity: lost.identity, takers: takers), to: &found)
      }
    }
    let order = try order(from: path, &search)
    return (found.sorted { order($0.copy, $1.copy) }, lost, search)
  }

  /// Whether what was found is followed by the name that it has now, and is a copy of a file that was read, of which an
  /// earlier life had not come to say so: it is passed over when it is opened.
  private func isPassedOver(_ lost: LostFile, at path: FilePath, _ search: CopySearch) async throws -> Bool {
    guard let copy = lost.copy, !copy.isCompressed, lost.offset == 0, !lost.checkpoints.contains(where: \.isBlank),
      lost.takers.allSatisfy({ isFollowed(copy, in: patterns[$0.pattern].pipeline) })
    else { return false }
    do { return try await search.isCopyOfRead(copy, of: path) } catch is SystemError { return false }
  }

  /// Whether whoever wrote to a file may do so still: it was renamed, and nothing has its name, or not all was said
  /// to be read, or it was written to just now.
  private func mayGrow(_ lost: LostFile, _ copy: RotatedCopy, renamedFrom path: FilePath) -> Bool {
    guard !isOnce, copy.status.identity.inode == lost.identity.inode, !copy.isCompressed else { return false }
    if lost.checkpoints.contains(where: { !$0.isDone }) { return true }
    let age = scheduler.clock.wall - copy.status.modifiedAt
    if age >= .zero, age < FileDecision.quietLimit { return true }
    return ((try? fileSystem.status(of: path))?.size ?? 0) == 0
  }

  /// One sink may know of a file that is new to another: both read it.
  private func add(_ other: Found, to found: inout [Found]) {
    guard let index = found.firstIndex(where: { $0.copy.status.identity == other.copy.status.identity }) else {
      return found.append(other)
    }
    found[index].takers.formUnion(other.takers)
    // What it is itself is known anyway.
    if found[index].identity == other.copy.status.identity { found[index].identity = other.identity }
  }

  /// Files that came under a name and were rotated away while nobody looked, after the last one that is known.
  private func missed(
    after lost: inout [LostFile], at path: FilePath, for taker: Taker, _ search: inout CopySearch
  ) async throws -> [RotatedCopy] {
    let order = try order(from: path, &search)
    let known = checkpoints(of: path, for: taker)
    let isLost = lost.contains { $0.takersWithoutFile.contains(taker) }
    let readAt = lastRead(of: known.filter { $0.path == path }) ?? 0
    let isSetBack = scheduler.clock.wall.wholeMilliseconds < readAt
    func newest() -> Int? {
      let found = lost.indices.filter { lost[$0].takersWithoutSuccessor.contains(taker) && lost[$0].copy != nil }
      // What was known by its inode alone, or by how it begins, may be another that came after some of which nothing is
      // known: they are told by the time, unless the clock was set back.
      let certain = found.filter { lost[$0].hasWhatWasRead }
      return (certain.isEmpty && (!isLost || isSetBack) ? found : certain).max { order(lost[$0].copy!, lost[$1].copy!) }
    }
    if !isLost {
      guard let elder = newest().flatMap({ lost[$0].copy }) else { return [] }
      let later = try await rotated(from: path, after: (elder.path, elder.status), unknownTo: known, &search)
      if later.isEmpty { return [] }
    }
    // What comes after it hangs on it: it is looked at closely.
    while let index = newest(), lost[index].copy?.isPresumed == true {
      search.presumes = false
      lost[index].copy = try await find(lost[index], at: path, &search)
      search.presumes = true
    }
    guard let elder = newest().flatMap({ lost[$0].copy }) else {
      return isLost ? try await missedByTime(at: path, unknownTo: known, &search) : []
    }
    let goneReadAt = lost.filter { $0.copy == nil && $0.takers.contains(taker) }.map(\.readAt).max() ?? 0
    return try await rotated(from: path, after: (elder.path, elder.status), unknownTo: known, &search)
      .filter { (isSetBack || $0.isWritten(since: goneReadAt)) && !isUntruncated($0, at: path, known) }
  }

  /// Files that were rotated away after all that is known of a path was read: nothing of that is there any more.
  ///
  /// - Parameter known: the checkpoints of one sink.
  private func missedByTime(
    at path: FilePath, unknownTo known: [Checkpoint], _ search: inout CopySearch
  ) async throws -> [RotatedCopy] {
    guard let readAt = lastRead(of: known.filter { $0.path == path }), readAt > 0 else { return [] }
    let later = try await readable(at: path, &search) { search in
      // What cannot be read is said with the loss of the one that is known.
      try await search.rotated(from: path, writtenAfter: readAt, unknownTo: known).filter { $0.copy != nil }
    }
    return later.filter { !isUntruncated($0, at: path, known) }
  }

  /// Of files that are gone nothing is known but until when they were read. One that was empty, and waited for the one
  /// before it, was seen last before that was said to be done.
  private func lastRead(of known: [Checkpoint]) -> Int64? {
    let waiting = known.filter { $0.isBlank && !$0.isDone }
    let last = waiting.isEmpty ? known : known.filter { !$0.isDone }
    return last.map(\.readAtMilliseconds).max()
  }

  /// What was rotated away after `elder`, the oldest first; what cannot be read of it is said.
  func rotated(
    from path: FilePath, after elder: (path: FilePath, status: FileStatus),
    unknownTo known: [Checkpoint], _ search: inout CopySearch
  ) async throws -> [RotatedCopy] {
    try await readable(at: path, &search) { search in
      try await search.rotated(from: path, after: elder, unknownTo: known)
    }
  }

  func readable(
    at path: FilePath, _ search: inout CopySearch,
    _ rotated: (inout CopySearch) async throws -> [(path: FilePath, status: FileStatus, copy: RotatedCopy?)]
  ) async throws -> [RotatedCopy] {
    do {
      var copies: [RotatedCopy] = []
      for (place, status, copy) in try await rotated(&search) {
        if let copy {
          copies.append(copy)
        } else if search.isLast || !search.isStale {
          if noteUnread(status.identity, at: path) {
            log.warning("\(path) was rotated away and compressed meanwhile: that is not read; look in \(place)")
          }
        }
      }
      return copies
    } catch let error as SystemError {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      // What there may be is not looked for again.
      if error.isShortage { noteUnread(nil, at: path) }
      return []
    }
  }

  /// The checkpoints of the pipelines that follow a path by these patterns, of files at that path, and of what a
  /// rotation made of them, or made them of, and these pipelines follow too: copies that were passed over.
  func checkpoints(of path: FilePath, _ patterns: Set<Int>) -> [Checkpoint] {
    Set(patterns.map { self.patterns[$0].pipeline }).sorted().flatMap { pipeline in
      paths(knownTo: pipeline).checkpoints(around: path)
    }
  }

  /// Those of one sink: what another has taken may be new to it.
  func checkpoints(of path: FilePath, for taker: Taker) -> [Checkpoint] {
    paths(knownTo: patterns[taker.pattern].pipeline).checkpoints(around: path, of: taker.sink)
  }

  /// What is known of a pipeline's files, by path.
  func paths(knownTo pipeline: Int) -> KnownPaths {
    let paths = knownPaths[pipeline] ?? KnownPaths(known(of: pipeline))
    knownPaths[pipeline] = paths
    return paths
  }

  private func find(
    _ lost: LostFile, at path: FilePath, _ search: inout CopySearch
  ) async throws -> RotatedCopy? {
    do {
      // Of what was seen and never read, and is done with, it was told what it was: a copy, or lost; and of what was
      // empty then, only an inode is known, which is any file's by now: what came into it is found by the time.
      // Where one sink knows bytes of it, that of another which does not may be any file's too.
      let isKnown = lost.checkpoints.contains { !$0.isBlank }
      for checkpoint in lost.checkpoints.sorted(by: { $0.offset > $1.offset })
      where checkpoint.isBlank ? !checkpoint.isDone && !isKnown : !checkpoint.isDone || !checkpoint.hasUnreadHead {
        // So much was read of it for another sink: what has as much, and does not fit that, is another file.
        let limit = lost.checkpoints.filter {
          $0.offset > checkpoint.offset && $0.readAtMilliseconds >= checkpoint.readAtMilliseconds
        }.map(\.offset).min()
        if let renamed = try await search.renamed(checkpoint, shorterThan: limit) { return renamed }
        if let copied = try await search.copied(checkpoint, shorterThan: limit) { return copied }
      }
      for trouble in search.troubles {
        say(
          once: "\(trouble.path) rotated", .warning,
          "cannot look for the rest of \(path) in \(trouble.path): \(trouble.reason)")
        // Of what was done with nothing more is expected: else its loss says it.
        guard lost.checkpoints.allSatisfy(\.isDone), let status = search.file(at: trouble.path)?.status else {
          continue
        }
        if status.identity == lost.identity, status.size > lost.offset {
          noteUnread(lost.identity, at: path, behind: lost.offset)
        }
      }
    } catch let error as SystemError {
      if !error.isAbsence { log.warning("cannot look for rotated copies of \(path): \(error)") }
    }
    return nil
  }
}
