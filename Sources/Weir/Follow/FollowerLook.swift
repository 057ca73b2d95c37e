import Coroutines
import Logging
import SystemPackage

/// Looking at names: which files are there, which went away, which came.
extension Follower {
  /// A name whose file changed between two looks is looked at this often before it waits for a retry.
  static let looksInARow = 8

  private enum Sight {
    case file(FileStatus)
    /// Nothing that could be followed.
    case nothing
    /// It could not be seen; what was there may still be.
    case unknown
  }

  /// Looks again at what the findings name, and acts on it.
  ///
  /// - Throws: `CancellationError`.
  func look(at findings: Set<Watches.Finding>) async throws {
    defer { sought = [:] }
    var paths: [FilePath] = []
    var seen: Set<FilePath> = []
    func add(_ path: FilePath) { if seen.insert(path).inserted { paths.append(path) } }
    for pattern in patterns.numbers
    where findings.contains(.everything) || findings.contains(.pattern(pattern)) {
      if !findings.contains(.everything), isResting(pattern) { continue }
      for path in try walk(pattern) { add(path) }
    }
    var single: [FilePath] = []
    for finding in findings {
      switch finding {
      case .everything, .pattern, .file: break
      case .gone(let identity): single += await depart(identity)
      case .name(let path, let pattern):
        // Its pipeline may be gone since it was found.
        if let pattern, patterns.contains(pattern) { claim(path, for: pattern) }
        single.append(path)
      }
    }
    for path in single.sorted(by: { $0.string < $1.string }) { add(path) }
    try await look(at: paths)
  }

  /// Tells those who read what changed.
  func ring(_ findings: Set<Watches.Finding>) async {
    for finding in findings {
      switch finding {
      case .everything: for file in files.values { ring(file) }
      case .pattern, .name, .gone: break
      case .file(let identity):
        guard let file = files[identity] else { continue }
        for reader in file.readers {
          let isBusy = !reader.bell.isAwaited
          reader.bell.ring()
          if isBusy { await reader.noteSize() }
        }
        for elder in file.elders { elder.bell.ring() }
      }
    }
  }

  func report(_ troubles: [(path: FilePath, error: SystemError)], retrying finding: Watches.Finding) {
    for (path, error) in troubles {
      if error.isWatchLimit {
        noteShortage(error)  // and so it is polled
      } else {
        say(once: "\(path) \(error)", .warning, "cannot look into \(path): \(error)")
        retry(finding)
      }
    }
  }

  func claim(_ path: FilePath, for pattern: Int) {
    guard !patterns[pattern].excludes(path) else { return }
    let patterns = names[path]?.patterns ?? []
    if !patterns.contains(pattern) {
      names[path, default: FollowedName()].patterns = alikeSets.shared(patterns.union([pattern]))
    }
  }

  private func ring(_ file: OpenFile) {
    for reader in file.readers + file.elders { reader.bell.ring() }
  }

  /// Looks at these names: first at all, then acts, so that a rename within them is seen as one.
  private func look(at paths: [FilePath], round: Int = 1) async throws {
    var lost: [FileIdentity] = []
    for path in paths where names[path] != nil {
      if let former = try see(path) { lost.append(former) }
    }
    if !unmoved.isEmpty {
      for path in paths { try await findMoved(from: path) }
      // One that was rotated away before a pipeline's first look has left its name to nobody.
      for path in unmoved.keys.sorted(by: { $0.string < $1.string }) where names[path] == nil {
        try await findMoved(from: path)
      }
    }
    try await findMovedSinceSearch()
    var again: [FilePath] = []
    for path in paths {
      guard let identity = names[path]?.identity, let file = files[identity] else { continue }
      for reader in file.readers { await reader.regainName() }
      if file.readers.isEmpty, let former = names[path]?.formerIdentity, !isKnown(identity, at: path) {
        try await findMissed(at: path, after: former)
      }
      if try await !open(identity, at: path) {
        try await followMoved(identity, from: path)
        again.append(path)
      } else {
        if names[path]?.identity.flatMap({ files[$0] })?.readers.isEmpty == false {
          unmoved[path] = nil
          unseen.remove(path)
        }
      }
    }
    try await findMissedWithoutSuccessor(at: starting.isEmpty ? paths : names.keys.sorted { $0.string < $1.string })
    for identity in lost { await lose(identity) }
    for path in paths { prune(path) }
    guard !again.isEmpty else { return }
    if round < Self.looksInARow { return try await look(at: again, round: round + 1) }
    for path in again { retry(.name(path, pattern: nil)) }
  }

  /// What came after the file that was seen last, and was rotated away, may have left its name to nobody.
  private func findMissedWithoutSuccessor(at paths: [FilePath]) async throws {
    for path in paths {
      guard let name = names[path], name.identity == nil, let former = name.formerIdentity else { continue }
      try await findMissed(at: path, after: former)
    }
  }

  /// Takes down what a name leads to now.
  ///
  /// - Returns: the file that it led to before, if it leads there no more.
  private func see(_ path: FilePath) throws -> FileIdentity? {
    guard var name = names[path] else { return nil }
    let identity: FileIdentity?
    switch try sight(of: path, &name) {
    case .unknown:
      retry(.name(path, pattern: nil))
      return nil
    case .nothing: identity = nil
    case .file(let status): identity = status.identity
    }
    let former = name.identity
    name.identity = identity
    // One that was seen and moved on before it was opened is sought after the one before it.
    names[path] = name
    if let former, former != identity, files[former]?.readers.isEmpty == false { setFormer(former, of: path) }
    if let identity {
      // Under a name that is new to it it may be another file, with the inode of a compressed one that was deleted.
      if files[identity, default: OpenFile()].names.insert(path).inserted { files[identity]?.passedOver = [] }
      let pipelines = name.patterns.map { patterns[$0].pipeline }
      let startedWith = files[identity]?.startedWith.union(starting.intersection(pipelines)) ?? []
      files[identity]?.startedWith = alikeSets.shared(startedWith)
    }
    guard let former, former != identity else { return nil }
    files[former]?.names.remove(path)
    return former
  }

  private func sight(of path: FilePath, _ name: inout FollowedName) throws -> Sight {
    do throws(SystemError) {
      let isLink = try fileSystem.status(ofLink: path).kind == .link
      if isLink || name.isLink { try watchLink(path, isLink: isLink) }
      name.isLink = isLink
      let status = try fileSystem.status(of: path)
      switch status.kind {
      case .regular: return .file(status)
      case .fifo where isOnce:
        say(
          once: "\(path) kind", .notice, "\(path) is a FIFO, which has no end, and passed over: name it as - (< FIFO)")
        return .nothing
      case .fifo: return .file(status)
      case .folder, .other, .link:
        if isPlain(name) {
          let kind = status.kind == .folder ? "a folder" : "neither a file nor a FIFO"
          say(once: "\(path) kind", .warning, "\(path) is \(kind)\(isOnce ? ", and no file" : ": waiting for a file")")
          notePassedOver(path)
        }
        return .nothing
      }
    } catch {
      if error.isAbsence {
        if isPlain(name) { isOnce ? log.notice("no such file: \(path)") : log.debug("waiting for \(path)") }
        return .nothing
      }
      say(once: "\(path) \(error)", .warning, "cannot look at \(path): \(error)")
      return .unknown
    }
  }

  /// A dangling link is watched where its target should be.
  private func watchLink(_ path: FilePath, isLink: Bool) throws(SystemError) {
    guard let watches else { return }
    if isLink {
      let walk = GlobWalk(ofLink: path, in: fileSystem, for: .link(path), watches: watches)
      guard let trouble = walk.troubles.first else { return }
      guard trouble.error.isWatchLimit else { throw trouble.error }
      watchesNoMore(behind: path, trouble.error)
    } else {
      watches.begin(.link(path))
      watches.end(.link(path))
    }
  }

  private func isPlain(_ name: FollowedName) -> Bool {
    name.patterns.contains { patterns[$0].glob.isPlain }
  }

  /// A name led to this file and does no more.
  private func lose(_ identity: FileIdentity) async {
    guard let file = files[identity], file.names.isEmpty else { return }
    for reader in file.readers { await reader.loseName() }
    if file.readers.isEmpty { files[identity] = nil }
  }

  /// Forgets a name that no pattern selects any more.
  func forgetIfUnselected(_ path: FilePath) {
    guard let name = names[path], name.patterns.isEmpty else { return }
    if let identity = name.identity { files[identity]?.names.remove(path) }
    names[path] = nil
    if name.isLink {
      watches?.begin(.link(path))
      watches?.end(.link(path))
    }
  }

  /// A name led to that file before.
  func setFormer(_ identity: FileIdentity, of path: FilePath) {
    names[path]?.formerIdentity = identity
    formerIdentities.insert(identity)
  }

  /// By what identity the file is known that it reads: its own, as a rule.
  func identity(ofReader reader: FollowedFile) -> FileIdentity? {
    if let own = reader.identity, files[own]?.readers.contains(where: { $0 === reader }) == true { return own }
    return files.first { $0.value.readers.contains { $0 === reader } }?.key
  }

  /// Nobody needs what this reader gives any more.
  func drop(_ reader: FollowedFile, of identity: FileIdentity) async {
    files[identity]?.readers.removeAll { $0 === reader }
    await reader.noteDropped()
    // Most were never anybody's elder; else all are asked.
    if await reader.hadSuccessors {
      for (key, file) in files where file.elders.contains(where: { $0 === reader }) {
        files[key]?.elders.removeAll { $0 === reader }
      }
    }
    guard let file = files[identity], file.readers.isEmpty else { return }
    watches?.forgetFile(identity)
    if file.names.isEmpty { files[identity] = nil }
  }

  /// Forgets names that a glob selected and that are gone.
  private func prune(_ path: FilePath) {
    guard let name = names[path], name.identity == nil, name.formerIdentity == nil, !isPlain(name) else { return }
    names[path] = nil
    if name.isLink {
      watches?.begin(.link(path))
      watches?.end(.link(path))
    }
  }

  /// The life of a file is over.
  func forget(_ ended: FollowedFile) async {
    endedCount += 1
    if await ended.isUnreadable { notePassedOver(ended.path) }
    let pipelines = await ended.starts.map(\.pipeline)
    if await ended.isCopy != true { formerPlaces.note(ended: await ended.places, pipelines: pipelines) }
    let wasDeleted = await ended.wasDeleted
    if wasDeleted, let identity = ended.identity { formerPlaces.noteGone(identity, pipelines: pipelines) }
    let mayComeBack = await ended.mayComeBack
    if var place = await ended.place, !wasDeleted || mayComeBack {
      place.isDone = await !ended.isLost
      if !wasDeleted { place.readAtMilliseconds = scheduler.clock.wall.wholeMilliseconds }
      formerPlaces.note(place, pipelines: pipelines)
    }
    guard let identity = identity(ofReader: ended) else { return }
    await drop(ended, of: identity)
    guard files[identity]?.readers.isEmpty != false else { return }
    if formerIdentities.remove(identity) != nil {
      for (path, name) in names where name.formerIdentity == identity {
        names[path]?.formerIdentity = nil
        prune(path)
      }
    }
    // It is closed by now: what names lead to under its identity may be the next file, which was taken for it.
    let cameBack = await ended.cameBackLate
    if wasDeleted || cameBack && !isOnce && files[identity]?.names.isEmpty == false { await forgetLost(identity) }
  }
}
