import Coroutines
import Logging
import SystemPackage

/// Opening files that were found, each once, and saying where their readers start.
extension Follower {
  /// Sees to it that every pipeline that follows a name of this file reads it.
  ///
  /// - Returns: false where another file is there by now.
  /// - Throws: ``Failure`` where the kernel watches no more.
  func open(_ identity: FileIdentity, at path: FilePath) async throws -> Bool {
    let claims = claims(of: identity)
    guard !claims.isEmpty, !passOverOwn(identity, at: path, claims) else { return true }
    do {
      var (source, status) = try fileSystem.open(path)
      guard status.identity == identity else { return false }
      let wanted = try passOver(claims, source, status, at: path)
      if !wanted.isEmpty { try watch(source, status, path: path) }
      let groups = Dictionary(grouping: wanted, by: { status.kind == .fifo ? 0 : patterns[$0].plan.maxLineBytes })
      for (_, claims) in groups.sorted(by: { $0.key < $1.key }) {
        if let gzip = try await unpack(source, status, at: path, for: claims) {
          (source, status) = (.file(gzip), try gzip.status())
        }
        await add(try makeFile(source, status, at: path, for: claims), to: identity, for: claims)
      }
    } catch let error as SystemError {
      if error.isAbsence { return false }
      if error.isWatchLimit, !hasStarted { throw Self.failure(path.description, error) }
      let reason = error.isWatchLimit ? Self.failure(path.description, error).description : error.description
      say(
        once: "\(path) open \(error.code)", .warning,
        "cannot follow \(path): \(reason)\(isOnce ? "" : "; trying again")")
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

  private func watch(_ source: FileSource, _ status: FileStatus, path: FilePath) throws(SystemError) {
    guard let watches, case .file(let file) = source else { return }
    try watches.watchFile(file, status.identity, path: path)
  }

  private func makeFile(
    _ source: FileSource, _ status: FileStatus, at path: FilePath, for claims: [Int]
  ) throws(SystemError) -> FollowedFile {
    let maxLineBytes = claims.map { patterns[$0].plan.maxLineBytes }.max()!
    guard case .file(let file) = source else {
      let origin = Origin(path: path, identity: nil)
      let starts = claims.map { claim in
        let pipeline = patterns[claim].pipeline
        return FileStart.beginning(
          of: origin, pipeline: pipeline, sinkCount: known[pipeline].sinkCheckpoints.count, scheduler)
      }
      let reader = LineReader(origin: origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: maxLineBytes)
      return FollowedFile(
        source: source, starts: starts, reader: reader, limit: nil, predecessor: nil, surroundings: surroundings)
    }
    let origin = Origin(path: path, identity: status.identity)
    let opening = FileOpening(file: file, status: status, origin: origin, clock: scheduler.clock)
    let isGlobbed = claims.allSatisfy { !patterns[$0].glob.isPlain }
    var starts: [FileStart] = []
    for claim in claims { starts.append(try start(opening, for: claim)) }
    let offset = starts.flatMap(\.sinks).map(\.end).min() ?? status.size
    return FollowedFile(
      source: source, starts: starts, reader: try opening.reader(from: offset, maxLineBytes: maxLineBytes),
      limit: isOnce ? (file.base === file ? status.size : .max) : nil,
      predecessor: predecessor(of: status.identity, for: claims),
      mayBeCopy: hasStarted && isGlobbed && offset == 0,
      first: (losses.removeValue(forKey: path) ?? []).map(Reading.gap),
      rotated: claims.flatMap { patterns[$0].rotatedGlobs }, surroundings: surroundings)
  }

  func start(_ opening: FileOpening, for claim: Int) throws(SystemError) -> FileStart {
    let pattern = patterns[claim]
    let known = known[pattern.pipeline]
    var position = StartPosition(
      checkpointOffsets: [], hasRunBefore: known.hasRunBefore,
      appearedLater: files[opening.status.identity]?.wasThereAtStart != true, isNewGeneration: false, isOnce: isOnce,
      start: pattern.plan.start)
    let former = formerPlaces.place(of: opening.status.identity, pipeline: pattern.pipeline)
    for checkpoints in known.sinkCheckpoints.map({ known in former.map { [$0] } ?? known }) {
      let (offset, outdated) = try opening.offset(in: checkpoints)
      position.checkpointOffsets.append(offset)
      guard offset == nil, let outdated else { continue }
      position.isNewGeneration = true
      say(
        once: "\(opening.origin.path) generation", outdated.offset > opening.status.size ? .warning : .info,
        "\(opening.origin.path) is not what it was when it was read last: it is read from its beginning")
    }
    let offsets = try position.offsets(size: opening.status.size) { count throws(SystemError) in
      try opening.startOfLastLines(count)
    }
    var sinks: [Batch] = []
    for offset in offsets { sinks.append(try opening.start(at: offset)) }
    return FileStart(pipeline: pattern.pipeline, sinks: sinks)
  }

  /// The file that was under this one's name before, if a pipeline reads both: it is read first.
  private func predecessor(of identity: FileIdentity, for claims: [Int]) -> FollowedFile? {
    let pipelines = Set(claims.map { patterns[$0].pipeline })
    for path in files[identity]?.names ?? [] {
      guard let former = names[path]?.formerIdentity, former != identity else { continue }
      for reader in files[former]?.readers ?? []
      where reader.starts.contains(where: { pipelines.contains($0.pipeline) }) {
        return reader
      }
    }
    return nil
  }

  private func add(_ file: FollowedFile, to identity: FileIdentity, for claims: [Int]) async {
    files[identity]?.readers.append(file)
    files[identity]?.pipelines.formUnion(claims.map { patterns[$0].pipeline })
    for path in files[identity]?.names ?? [] {
      guard let former = names[path]?.formerIdentity, former != identity else { continue }
      for elder in files[former]?.readers ?? [] {
        files[identity]?.elders.append(elder)
        await elder.precede(file)
      }
    }
    log.debug("following \(file.path)")
    give(file)
  }
}
