import Coroutines
import Logging
import SystemPackage

/// Files that came under a name and were rotated away between two looks; and how what was rotated away is read.
extension Follower {
  /// Lets others have their turn in the middle of something long.
  ///
  /// - Throws: `CancellationError`, also where it was stopped meanwhile.
  func giveWay() async throws {
    await Task.yield()
    try Task.checkCancellation()
    if isStopped { throw CancellationError() }
  }

  /// A search for what these patterns' pipelines follow.
  func search(_ patterns: some Sequence<Int>, for checkpoints: [Checkpoint]) -> CopySearch {
    CopySearch(
      fileSystem, own: own, more: patterns.flatMap { self.patterns[$0].rotatedGlobs }, for: checkpoints
    ) { [self] in try await giveWay() }
  }

  /// Finds what came under a name after the file that was seen there, and was rotated away too.
  ///
  /// - Throws: `CancellationError`.
  func findMissed(at path: FilePath, after former: FileIdentity) async throws {
    guard let readers = files[former]?.readers, let reader = readers.first else { return }
    let claims = claims(on: path)
    guard !claims.isEmpty, let whole = await reader.wholePlace() else { return }
    let start = emptyAt(path)
    let found = try await missed(at: path, after: reader, whole, claims)
    log.trace("\(path): after inode \(former.inode) there came \(found.map(\.copy.path))")
    for (copy, unknown) in found {
      // What was seen under the name, and has moved on before it was opened, has its turn here.
      guard files[copy.status.identity]?.readers.isEmpty != false else { continue }
      if let start, !copy.isWritten(since: start) { continue }
      if let gone = goneReadAt[path], gone <= scheduler.clock.wall.wholeMilliseconds, !copy.isWritten(since: gone) {
        continue  // unless the clock was set back: then times say nothing
      }
      if try await isCopy(copy, of: readers) { continue }
      if isUntruncated(copy, at: path, checkpoints(of: path, Set(claims))) { continue }
      noteMoved(copy.status.identity, from: path)
      try await follow(copy, of: path, copy.status.identity, for: takers(for: unknown))
    }
  }

  /// Whether what is under a name was there when all pipelines that know it stopped: then those before it were
  /// followed.
  func isKnown(_ identity: FileIdentity, at path: FilePath) -> Bool {
    unmoved[path]?.contains { $0.checkpoint.identity == identity && !$0.checkpoint.isBlank } == true
  }

  /// When a file that is there was seen in its place, and was empty: those before it were followed, unless its inode is
  /// another's by now.
  private func emptyAt(_ path: FilePath) -> Int64? {
    unmoved[path]?.map(\.checkpoint).filter { $0.identity == names[path]?.identity }.map(\.readAtMilliseconds).min()
  }

  /// Whether the file of a checkpoint is read for a pipeline, as for one that was replaced: it goes on where its
  /// reader is, whatever has become of its names.
  func isRead(_ checkpoint: Checkpoint, by pipeline: Int) -> Bool {
    guard let file = files[checkpoint.identity], file.pipelines.contains(pipeline) else { return false }
    return file.readers.contains { $0.path == checkpoint.path }
  }

  /// Whether the first of two copies was rotated away from `path` before the other.
  func order(
    from path: FilePath, _ search: inout CopySearch
  ) throws -> (RotatedCopy, RotatedCopy) -> Bool {
    var order = RotatedOrder(of: [])
    do { order = try search.order(from: path) } catch let error as SystemError {
      if !error.isAbsence { log.warning("cannot look for rotated copies of \(path): \(error)") }
    }
    // Each place is made once, for many comparisons.
    var places: [FilePath: RotatedPlace] = [:]
    func place(_ copy: RotatedCopy) -> RotatedPlace {
      if places[copy.path] == nil { places[copy.path] = RotatedPlace(copy.path, copy.status, from: path) }
      return places[copy.path]!
    }
    return { order.isOlder(place($0), than: place($1)) }
  }

  /// Follows a file that was seen under a name, and was rotated away before it was opened.
  ///
  /// - Throws: `CancellationError`.
  func followMoved(_ identity: FileIdentity, from path: FilePath) async throws {
    guard files[identity]?.readers.isEmpty == true, try await !isFollowedMoved(identity, from: path) else { return }
    // It may have been compressed meanwhile too: then its inode is gone.
    if let former = names[path]?.formerIdentity { try await findMissed(at: path, after: former) }
  }

  private func isFollowedMoved(_ identity: FileIdentity, from path: FilePath) async throws -> Bool {
    let claims = claims(on: path)
    for _ in 0..<Self.looksInARow {
      var search = search(claims, for: [])
      do {
        if let copy = try search.copy(of: identity, from: path) {
          noteMoved(identity, from: path)
          try await follow(copy, of: path, identity, for: takers(for: claims))
          return true
        }
      } catch let error as SystemError {
        if !error.isAbsence { log.warning("cannot look for what was rotated away from \(path): \(error)") }
        return false
      }
      if !search.isStale { break }
    }
    return false
  }

  /// A name leads to this file no more, though it was seen there.
  private func noteMoved(_ identity: FileIdentity, from path: FilePath) {
    guard names[path]?.identity == identity else { return }
    names[path]?.identity = nil
    files[identity]?.names.remove(path)
  }

  /// The patterns by which a path is followed, one for each pipeline.
  private func claims(on path: FilePath) -> [Int] {
    Set(names[path]?.patterns.map { patterns[$0].pipeline } ?? []).sorted().compactMap { pattern(of: path, in: $0) }
  }

  private func takers(for claims: [Int]) -> Set<Taker> {
    Set(
      claims.flatMap { claim in
        (0..<sinkCount(of: patterns[claim].pipeline)).map { Taker(pattern: claim, sink: $0) }
      })
  }

  private func isCopy(_ copy: RotatedCopy, of readers: [FollowedFile]) async throws -> Bool {
    do {
      for reader in readers {
        if let gzip = copy.file as? GzipFile { try await prepare(gzip, before: await reader.places) }
        switch await reader.originality(of: copy.file, isRotatedByName: false) {
        case .copy, .copyWithRest: return true
        case .original, .undecided, .unlooked: break
        }
      }
    } catch let error as SystemError {
      log.warning("cannot look into \(copy.path): \(error)")
    }
    return false
  }

  /// The pattern by which a pipeline follows a path.
  func pattern(of path: FilePath, in pipeline: Int) -> Int? {
    patterns.numbers(of: pipeline).filter { index in
      patterns[index].glob.matches(path) && !patterns[index].excludes(path)
    }.min { patterns[$0].item < patterns[$1].item }
  }

  /// Whether a pipeline follows a copy under the name that it has now: a compressed one by its plain name alone.
  func isFollowed(_ copy: RotatedCopy, in pipeline: Int) -> Bool {
    patterns.numbers(of: pipeline).map { patterns[$0] }.contains { pattern in
      (!copy.isCompressed || pattern.glob.isPlain) && pattern.glob.matches(copy.path) && !pattern.excludes(copy.path)
    }
  }

  /// Reads on in a copy of the file that was at `path` and had that identity.
  ///
  /// - Throws: `CancellationError`.
  func follow(
    _ copy: RotatedCopy, of path: FilePath, _ formerIdentity: FileIdentity, for takers: Set<Taker>
  ) async throws {
    let identity = copy.status.identity
    let all = Set(takers.map(\.pattern)).sorted()
    // A renamed file that a pipeline follows under its new name too regains that when it is seen there, and may be
    // compressed before.
    let isNamed = identity != formerIdentity && all.contains { isFollowed(copy, in: patterns[$0].pipeline) }
    if identity != formerIdentity { await dropUndecided(identity, for: Set(all.map { patterns[$0].pipeline })) }
    let claims = all.filter { files[identity]?.pipelines.contains(patterns[$0].pipeline) != true }
    guard !claims.isEmpty else {
      if files[identity]?.readers.isEmpty == false { setFormer(identity, of: path) }
      return
    }
    do {
      if let gzip = copy.file as? GzipFile { try await prepare(gzip, for: claims, [identity, formerIdentity]) }
      let former = names[path]?.formerIdentity
      let groups = Dictionary(grouping: claims) { patterns[$0].plan.maxLineBytes }
      for (_, claims) in groups.sorted(by: { $0.key < $1.key }) {
        let elder = await reader(of: former, for: claims)
        try await add(copy, of: path, formerIdentity, for: claims, takers, after: elder, isNamed: isNamed)
      }
    } catch let error as SystemError {
      log.warning("cannot read the rest of \(path) in \(copy.path): \(error)")
    }
  }

  /// A file that waits to be told from a copy is one: it is read as that.
  private func dropUndecided(_ identity: FileIdentity, for pipelines: Set<Int>) async {
    for reader in files[identity]?.readers ?? [] where await reader.isCopy == nil {
      let own = Set(await reader.starts.map(\.pipeline))
      guard own.isSubset(of: pipelines) else { continue }
      await reader.stop()
      files[identity]?.pipelines.subtract(own)
      await drop(reader, of: identity)
    }
  }

  /// Sinks of a pipeline that know files of that path, and a later one with this one's inode: they have taken it.
  private func ahead(of path: FilePath, _ inodes: Set<UInt64>, in claim: Int, _ takers: Set<Taker>) -> Set<Int> {
    let known = known(of: patterns[claim].pipeline).sinkCheckpoints
    return Set(
      known.indices.filter { sink in
        !takers.contains(Taker(pattern: claim, sink: sink)) && known[sink].contains { $0.path == path }
          && known[sink].contains { inodes.contains($0.identity.inode) }
      })
  }

  /// Where sinks were in a file when their pipelines began.
  private func places(of identity: FileIdentity, at path: FilePath, _ claims: [Int]) -> [Checkpoint] {
    claims.flatMap { known(of: patterns[$0].pipeline).sinkCheckpoints.joined() }
      .filter { $0.identity == identity && $0.path == path && !$0.isDone }
  }

  private func add(
    _ copy: RotatedCopy, of path: FilePath, _ formerIdentity: FileIdentity, for claims: [Int], _ takers: Set<Taker>,
    after elder: FollowedFile?, isNamed: Bool
  ) async throws(SystemError) {
    let identity = copy.status.identity
    let opening = FileOpening(
      file: copy.file, status: try copy.file.status(), origin: Origin(path: path, identity: identity),
      clock: scheduler.clock, originalIdentity: formerIdentity, isRotated: true)
    let inodes: Set = [identity.inode, formerIdentity.inode]
    var starts: [FileStart] = []
    for claim in claims {
      starts.append(try start(opening, for: claim, passing: ahead(of: path, inodes, in: claim, takers)))
    }
    try watches?.watchFile(copy.file, identity, path: copy.path)
    let source =
      copy.isCompressed ? .file(copy.file) : closable(.file(copy.file), copy.status, at: copy.path, for: claims)
    let offset = starts.flatMap(\.offsets).min() ?? opening.status.size
    let isRead = offset == opening.status.size
    let file = FollowedFile(
      source: source, starts: starts,
      reader: try opening.reader(from: offset, maxLineBytes: patterns[claims[0]].plan.maxLineBytes),
      limit: isOnce ? (copy.isCompressed ? .max : opening.status.size) : nil, predecessor: elder,
      seenSize: max(opening.status.size, seenSize(of: path, formerIdentity, copiedTo: copy) ?? 0), isNamed: isNamed,
      first: isRead ? [.batch(try opening.start(at: offset))] : [],
      rotated: claims.flatMap { patterns[$0].rotatedGlobs },
      copiedPlaces: identity == formerIdentity ? [] : places(of: formerIdentity, at: path, claims),
      surroundings: surroundings)
    if let elder { await elder.precede(file) }
    files[identity, default: OpenFile()].readers.append(file)
    files[identity]?.pipelines.formUnion(claims.map { patterns[$0].pipeline })
    for claim in claims { names[path, default: FollowedName()].patterns.insert(claim) }
    setFormer(identity, of: path)
    log.debug("\(path) was rotated away meanwhile: its rest is read in \(copy.path), from byte \(offset)")
    give(file)
  }
}
