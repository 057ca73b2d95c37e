import Coroutines
import Logging
import SystemPackage

/// Opening files that were found, each once, and saying where their readers start.
extension Follower {
  /// Sees to it that every pipeline that follows a name of this file reads it.
  ///
  /// - Returns: false where another file is there by now.
  /// - Throws: `CancellationError`.
  func open(_ identity: FileIdentity, at path: FilePath) async throws -> Bool {
    let claims = claims(of: identity)
    guard !claims.isEmpty, !passOverOwn(identity, at: path, claims) else { return true }
    do {
      var (source, status) = try fileSystem.open(path)
      guard status.identity == identity else { return false }
      // That what was here before is sought first; this one may be nowhere to be found later.
      if case .file(let file) = source, try hasJustMoved(file, status, from: path) {
        try await findMoved(from: path)
        status = try file.status()  // it may have been shortened since it was opened
      }
      let wanted = try passOver(claims, source, status, at: path)
      if !wanted.isEmpty {
        try watch(source, status, path: path)
        noteDevice(identity.device, of: path, for: wanted)
        source = closable(source, status, at: path, for: wanted)
      }
      let groups = Dictionary(grouping: wanted, by: { status.kind == .fifo ? 0 : patterns[$0].plan.maxLineBytes })
      for (_, claims) in groups.sorted(by: { $0.key < $1.key }) {
        if let gzip = try await unpack(source, status, at: path, for: claims) {
          (source, status) = (.file(gzip), try gzip.status())
        }
        let rest = try await attach(claims, to: identity, source, status)
        if rest.isEmpty { continue }
        guard let file = try await makeFile(source, status, at: path, for: rest) else { return false }
        await add(file, to: identity, for: rest)
      }
    } catch let error as SystemError {
      if error.isAbsence { return false }
      say(
        once: "\(path) open \(error.code)", .warning,
        "cannot follow \(path): \(error)\(isOnce ? "" : "; trying again")")
      notePassedOver(path)
      retry(.name(path, pattern: nil))
    }
    return true
  }

  /// Passes a file over that weir writes itself: for good, and before it is opened.
  ///
  /// - Returns: false for a file of others.
  private func passOverOwn(_ identity: FileIdentity, at path: FilePath, _ claims: [Int]) -> Bool {
    guard let use = own.use(of: path, identity) else { return false }
    files[identity]?.pipelines.formUnion(claims.map { patterns[$0].pipeline })
    say(once: "\(path) own", .info, "\(path) passed over: weir's own \(use)")
    return true
  }

  /// For each pipeline that follows the file and does not read it yet, the pattern that counts: of its first item.
  private func claims(of identity: FileIdentity) -> [Int] {
    guard let file = files[identity] else { return [] }
    let selecting = Set(file.names.flatMap { names[$0]?.patterns ?? [] })
    var first: [Int: Int] = [:]
    for pattern in selecting.sorted()
    where !file.pipelines.union(file.passedOver).contains(patterns[pattern].pipeline) {
      let pipeline = patterns[pattern].pipeline
      guard let other = first[pipeline], patterns[other].item <= patterns[pattern].item else {
        first[pipeline] = pattern
        continue
      }
    }
    return first.sorted { $0.key < $1.key }.map(\.value)
  }

  /// What gives way where too many files are open.
  func closable(_ source: FileSource, _ status: FileStatus, at path: FilePath, for claims: [Int]) -> FileSource {
    guard case .file(let file) = source else { return source }
    return .file(
      ClosableFile(
        file, status, at: path, in: fileSystem, openFiles, rotated: claims.flatMap { patterns[$0].rotatedGlobs }))
  }

  private func watch(_ source: FileSource, _ status: FileStatus, path: FilePath) throws(SystemError) {
    guard let watches, case .file(let file) = source else { return }
    try watches.watchFile(file, status.identity, path: path)
  }

  /// Has those who read the file already read it for these claims too, where they can.
  ///
  /// - Returns: the claims that need a reader of their own.
  private func attach(
    _ claims: [Int], to identity: FileIdentity, _ source: FileSource, _ status: FileStatus
  ) async throws(SystemError) -> [Int] {
    guard let readers = files[identity]?.readers, !readers.isEmpty else { return claims }
    var rest: [Int] = []
    for claim in claims {
      let (pipeline, maxLineBytes) = (patterns[claim].pipeline, patterns[claim].plan.maxLineBytes)
      var isAttached = false
      switch source {
      case .stream: isAttached = await readers[0].attachHere(pipeline, sinkCount: sinkCount(of: pipeline))
      case .file(let file):
        let origin = Origin(path: readers[0].path, identity: identity)
        let start = try start(
          FileOpening(file: file, status: status, origin: origin, clock: scheduler.clock), for: claim)
        for reader in readers where !isAttached {
          isAttached = await reader.attach(start, maxLineBytes: maxLineBytes)
        }
      }
      guard isAttached else {
        rest.append(claim)
        continue
      }
      files[identity]?.pipelines.insert(pipeline)
      count(startOf: pipeline)
    }
    return rest
  }

  func sinkCount(of pipeline: Int) -> Int { known(of: pipeline).sinkCheckpoints.count }

  /// - Returns: nil where another content is in the file than just before.
  private func makeFile(
    _ source: FileSource, _ status: FileStatus, at path: FilePath, for claims: [Int]
  ) async throws(SystemError) -> FollowedFile? {
    let maxLineBytes = claims.map { patterns[$0].plan.maxLineBytes }.max()!
    guard case .file(let file) = source else {
      let origin = Origin(path: path, identity: nil)
      let starts = claims.map { claim in
        let pipeline = patterns[claim].pipeline
        return FileStart.beginning(of: origin, pipeline: pipeline, sinkCount: sinkCount(of: pipeline), scheduler)
      }
      let reader = LineReader(origin: origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: maxLineBytes)
      return FollowedFile(
        source: source, starts: starts, reader: reader, limit: nil, predecessor: nil, surroundings: surroundings)
    }
    let opening = FileOpening(
      file: file, status: status, origin: try origin(of: file, status, at: path, for: claims), clock: scheduler.clock)
    let isGlobbed = claims.allSatisfy { !patterns[$0].glob.isPlain }
    var starts: [FileStart] = []
    let lossesBefore = losses[path]
    for claim in claims { starts.append(try start(opening, for: claim)) }
    // It was copied and truncated since it was held against what is known: what was known is sought in the copy.
    let now = try file.status()
    if now != status, try hasJustMoved(file, now, from: path) {
      losses[path] = lossesBefore
      return nil
    }
    let offset = starts.flatMap(\.offsets).min() ?? status.size
    let reader = try opening.reader(from: offset, maxLineBytes: maxLineBytes)
    if starts.flatMap(\.sinks).contains(where: { $0?.end == offset && $0?.marker != reader.place?.marker }) {
      return nil
    }
    return FollowedFile(
      source: source, starts: starts, reader: reader,
      limit: isOnce ? (file.base === file ? status.size : .max) : nil,
      predecessor: await predecessor(of: status.identity, for: claims), seenSize: status.size,
      mayBeCopy: isGlobbed && mayBeCopy(status.identity, from: offset, for: claims), mayBecomeCopy: isGlobbed,
      first: (losses.removeValue(forKey: path) ?? []).map(Reading.gap),
      rotated: claims.flatMap { patterns[$0].rotatedGlobs },
      formerGenerations: formerGenerations(of: opening, for: claims), surroundings: surroundings)
  }

  /// Whether a file that is read from there on appeared beside others, be it while nobody looked; or was read, or
  /// passed over as a copy that may have been unfinished.
  private func mayBeCopy(_ identity: FileIdentity, from offset: UInt64, for claims: [Int]) -> Bool {
    let pipelines = Set(claims.map { patterns[$0].pipeline })
    if offset == 0 {
      let path = files[identity]?.names.first
      return pipelines.allSatisfy { !starting.contains($0) || path.map(paths(knownTo: $0).hasOriginal) == true }
    }
    return pipelines.allSatisfy { pipeline in
      checkpoints(of: identity, for: pipeline).joined().contains {
        $0.identity == identity && $0.isDone && $0.offset == offset
      }
    }
  }

  /// A new generation; its path is the name that the file was first found by, be it by an earlier run.
  private func origin(
    of file: any ReadableFile, _ status: FileStatus, at path: FilePath, for claims: [Int]
  ) throws(SystemError) -> Origin {
    let origin = Origin(path: path, identity: status.identity)
    let opening = FileOpening(file: file, status: status, origin: origin, clock: scheduler.clock)
    for pipeline in claims.map({ patterns[$0].pipeline }) {
      let checkpoints = checkpoints(of: status.identity, for: pipeline).joined()
      if let first = try opening.firstPath(in: checkpoints) {
        return first == path ? origin : Origin(path: first, identity: status.identity)
      }
    }
    return origin
  }

  /// The file that was under this one's name before, if a pipeline reads both: it is read first.
  private func predecessor(of identity: FileIdentity, for claims: [Int]) async -> FollowedFile? {
    for former in formers(of: identity) {
      if let reader = await reader(of: former, for: claims) { return reader }
    }
    return nil
  }

  /// Who reads a file for one of these pipelines.
  func reader(of identity: FileIdentity?, for claims: [Int]) async -> FollowedFile? {
    guard let identity else { return nil }
    let pipelines = Set(claims.map { patterns[$0].pipeline })
    for reader in files[identity]?.readers ?? [] where await reader.isRead(byAnyOf: pipelines) { return reader }
    return nil
  }

  private func add(_ file: FollowedFile, to identity: FileIdentity, for claims: [Int]) async {
    files[identity]?.readers.append(file)
    let pipelines = files[identity]?.pipelines.union(claims.map { patterns[$0].pipeline }) ?? []
    files[identity]?.pipelines = alikeSets.shared(pipelines)
    for former in formers(of: identity) {
      for elder in files[former]?.readers ?? [] {
        files[identity]?.elders.append(elder)
        await elder.precede(file)
      }
    }
    log.debug("following \(file.path)")
    give(file)
  }
}
