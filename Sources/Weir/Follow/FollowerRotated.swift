import Coroutines
import Logging
import SystemPackage

/// Files that were rotated away while nobody looked, sought in their folder by what checkpoints know of them.
extension Follower {
  private struct Lost: Hashable {
    let path: FilePath
    let identity: FileIdentity
  }

  /// What is known of a lost file, and where it is now.
  private struct Search {
    var checkpoints: [Checkpoint] = []
    var patterns: Set<Int> = []
    /// Those whose pipelines know no file that came after it.
    var patternsWithoutSuccessor: Set<Int> = []
    var copy: RotatedCopy?
  }

  private struct Found {
    let lost: Lost
    let copy: RotatedCopy
    var claims: [Int]
  }

  /// Finds them before anything else is looked at, so that each is read before its successor. The oldest first.
  func findRotated(for numbers: Set<Int>) async {
    var lostFiles: [Lost: Search] = [:]
    for pipeline in numbers.sorted() {
      let all = Dictionary(grouping: known(of: pipeline).sinkCheckpoints.joined(), by: \.path)
      for (path, checkpoints) in all {
        guard let pattern = pattern(of: path, in: pipeline) else { continue }
        let lost = checkpoints.filter(hasMovedOn)
        for checkpoint in lost {
          let key = Lost(path: checkpoint.path, identity: checkpoint.identity)
          lostFiles[key, default: Search()].checkpoints.append(checkpoint)
          lostFiles[key]?.patterns.insert(pattern)
          // Where the file that is there now is known, those before it were followed.
          if lost.count == checkpoints.count { lostFiles[key]?.patternsWithoutSuccessor.insert(pattern) }
        }
      }
    }
    var found: [Found] = []
    for (lost, search) in lostFiles {
      guard let copy = find(search.checkpoints) else { continue }
      lostFiles[lost]?.copy = copy
      // A copy is kept from being read as a file of its own, also when all of it was read.
      let isNamedCopy =
        copy.status.identity != lost.identity
        && search.patterns.contains { pattern(of: copy.path, in: patterns[$0].pipeline) != nil }
      if isNamedCopy || search.checkpoints.contains(where: { $0.offset < copy.status.size }) {
        found.append(Found(lost: lost, copy: copy, claims: search.patterns.sorted()))
      }
    }
    found += missed(after: lostFiles)
    for found in found.sorted(by: { $0.copy.isOlder(than: $1.copy, from: $0.lost.path) }) {
      await follow(found.copy, of: found.lost, for: found.claims)
    }
  }

  /// Files that came under a name and were rotated away while nobody looked, after the last one that is known.
  private func missed(after lostFiles: [Lost: Search]) -> [Found] {
    var missed: [Lost: Found] = [:]
    for (path, searches) in Dictionary(grouping: lostFiles, by: \.key.path) {
      for pattern in Set(searches.flatMap(\.value.patternsWithoutSuccessor)) {
        let copies = searches.filter { $0.value.patternsWithoutSuccessor.contains(pattern) }.compactMap(\.value.copy)
        guard let elder = copies.max(by: { $0.isOlder(than: $1, from: path) }) else {
          noteLoss(of: searches.flatMap(\.value.checkpoints), at: path, for: pattern)
          continue
        }
        let checkpoints = known(of: patterns[pattern].pipeline).sinkCheckpoints.joined().filter { $0.path == path }
        for copy in rotated(from: path, after: elder.status, at: elder.path) {
          guard !checkpoints.contains(where: { knows($0, copy) }) else { continue }
          let lost = Lost(path: path, identity: copy.status.identity)
          missed[lost, default: Found(lost: lost, copy: copy, claims: [])].claims.append(pattern)
        }
      }
    }
    return missed.values.map { Found(lost: $0.lost, copy: $0.copy, claims: $0.claims.sorted()) }
  }

  /// Finds files that came under a name and were rotated away between two looks, after the one that was seen there.
  func findMissed(at path: FilePath, after former: FileIdentity) async {
    guard !isOnce, let readers = files[former]?.readers, let elder = await readers.first?.status,
      elder.linkCount > 0,  // deleted, and not rotated away
      let elderPath = place(of: elder.identity, from: path)
    else { return }
    let claims = Set(names[path]?.patterns.map { patterns[$0].pipeline } ?? []).sorted()
      .compactMap { pattern(of: path, in: $0) }
    for copy in rotated(from: path, after: elder, at: elderPath) {
      guard files[copy.status.identity] == nil else { continue }
      var isCopy = false
      for reader in readers where await reader.originality(of: copy.file, isRotatedByName: false) == .copy {
        isCopy = true
      }
      if !isCopy { await follow(copy, of: Lost(path: path, identity: copy.status.identity), for: claims) }
    }
  }

  private func place(of identity: FileIdentity, from path: FilePath) -> FilePath? {
    var search = CopySearch(fileSystem, own: own)
    do throws(SystemError) {
      return try search.place(of: identity, from: path)
    } catch {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      return nil
    }
  }

  private func rotated(from path: FilePath, after elder: FileStatus, at elderPath: FilePath) -> [RotatedCopy] {
    var search = CopySearch(fileSystem, own: own)
    do throws(SystemError) {
      let found = try search.rotated(from: path, after: elder, at: elderPath)
      for trouble in search.troubles {
        log.warning("\(trouble.path) is not read as a part of \(path): \(trouble.reason)")
      }
      return found
    } catch {
      log.warning("cannot look for what was rotated away from \(path): \(error)")
      return []
    }
  }

  /// Whether a checkpoint is of this file, or of one that it is a copy of.
  private func knows(_ checkpoint: Checkpoint, _ copy: RotatedCopy) -> Bool {
    guard
      checkpoint.identity == copy.status.identity || checkpoint.mayBeOf(copy.status)
        || checkpoint.marker.byteCount == Fingerprint.markerByteLimit
    else { return false }
    return (try? checkpoint.fits(copy.file, size: copy.status.size)) ?? false
  }

  /// The pattern by which a pipeline follows a path.
  func pattern(of path: FilePath, in pipeline: Int) -> Int? {
    patterns.numbers.filter { index in
      patterns[index].pipeline == pipeline && patterns[index].glob.matches(path) && !patterns[index].excludes(path)
    }.min { patterns[$0].item < patterns[$1].item }
  }

  /// Whether the file of a checkpoint is not, or no more as it was, where it was.
  private func hasMovedOn(_ checkpoint: Checkpoint) -> Bool {
    do throws(SystemError) {
      let (source, status) = try fileSystem.open(checkpoint.path)
      // The device may have another number after a reboot.
      guard case .file(let file) = source, status.identity.inode == checkpoint.identity.inode else { return true }
      return try !checkpoint.fits(file, size: status.size)
    } catch {
      // What cannot be opened now may still be there; it is told when the file is opened.
      return error.isAbsence
    }
  }

  private func find(_ checkpoints: [Checkpoint]) -> RotatedCopy? {
    var search = CopySearch(fileSystem, own: own)
    do throws(SystemError) {
      for checkpoint in checkpoints {
        if let renamed = try search.renamed(checkpoint) { return renamed }
        if let copied = try search.copied(checkpoint) { return copied }
      }
      for trouble in search.troubles {
        say(
          once: "\(trouble.path) rotated", .warning,
          "cannot look for the rest of \(checkpoints[0].path) in \(trouble.path): \(trouble.reason)")
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
      let isRead = offset == copy.status.size
      let maxLineBytes = claims.map { patterns[$0].plan.maxLineBytes }.max()!
      let former = names[lost.path]?.formerIdentity
      let file = FollowedFile(
        source: .file(copy.file), starts: starts, reader: try opening.reader(from: offset, maxLineBytes: maxLineBytes),
        limit: isOnce ? copy.status.size : nil, predecessor: former.flatMap { files[$0]?.readers.first },
        isNamed: isNamed, first: isRead ? [.batch(try opening.start(at: offset))] : [], surroundings: surroundings)
      if let former, let elder = files[former]?.readers.first { await elder.precede(file) }
      files[identity, default: OpenFile()].readers.append(file)
      files[identity]?.pipelines.formUnion(claims.map { patterns[$0].pipeline })
      for claim in claims { names[lost.path, default: FollowedName()].patterns.insert(claim) }
      names[lost.path]?.formerIdentity = identity
      log.debug("\(lost.path) was rotated away meanwhile: its rest is read in \(copy.path)")
      give(file)
    } catch {
      log.warning("cannot read the rest of \(lost.path) in \(copy.path): \(error)")
    }
  }
}
