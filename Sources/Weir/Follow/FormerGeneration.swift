import Coroutines

/// What was in a file before it was truncated or rewritten: by that a copy of it is known.
struct FormerGeneration: Sendable {
  /// So many are kept: the reader of a copy may have to wait for others, and a slow disk be a minute behind a log that
  /// is rotated each second. One is a KiB at most.
  static let countLimit = 64

  /// Where reading was.
  let place: Checkpoint
  /// Its first bytes, where it was small.
  let beginning: [UInt8]?
  /// Files that were seen to be how it began, and all that was in them then.
  var copies: [FileIdentity: Checkpoint] = [:]
  /// The wall time at which it was seen that it was over.
  let endedAt: Duration
  /// Whether another life of the agent has read it: then much may have been rotated away since that begins alike.
  var isOfFormerLife = false

  /// How a file relates to it.
  func originality(
    of file: any ReadableFile, _ status: FileStatus, isRotatedByName: Bool
  ) throws(SystemError) -> FollowedFile.Originality {
    if isRotatedByName, let copy = copies[status.identity], copy.offset == status.size,
      try copy.fits(file, size: status.size)
    {
      return .copy
    }
    let mayBeCopy = isRotatedByName && status.modifiedAt <= endedAt
    let hasAll = mayBeCopy ? try place.fits(file, size: status.size) : false
    if try hasAll ? true : place.isCopied(to: file, size: status.size, isRotatedByName: isRotatedByName) {
      return status.size > place.offset ? .copyWithRest(from: place.offset) : .copy
    }
    guard status.size < place.offset, !isOfFormerLife else { return .original }
    if let beginning, status.size <= beginning.count {
      guard mayBeCopy, try beginning.begins(with: file, size: status.size) else { return .original }
      return .copy
    }
    guard try place.head.matches(file, at: 0) else { return .original }
    return mayBeCopy ? .copy : .undecided
  }
}

extension Follower {
  /// What sinks know of former contents of a file, the oldest first: of those that were over while it was read, and of
  /// the one that was there when reading stopped, if that is over.
  func formerGenerations(of opening: FileOpening, for claims: [Int]) -> [FormerGeneration] {
    let (path, inode) = (opening.origin.path, opening.origin.identity?.inode)
    let now = scheduler.clock.wall.wholeMilliseconds
    var (former, last): ([FormerCheckpoint], [Checkpoint]) = ([], [])
    for pipeline in Set(claims.map { patterns[$0].pipeline }) {
      let known = known(of: pipeline)
      // The cheapest test first: of thousands of files each is asked for.
      for own in known.formerCheckpoints {
        for kept in own where kept.checkpoint.identity.inode == inode { former.append(kept) }
      }
      for own in inode.flatMap({ pipelines[pipeline]?.knownFiles.checkpoints(withInodes: [$0]) }) ?? [] {
        for kept in own where kept.offset > 0 && kept.path == path {
          if (try? kept.fits(opening.file, size: opening.status.size)) == false { last.append(kept) }
        }
      }
    }
    former.sort { $0.endedAtMilliseconds < $1.endedAtMilliseconds }
    var seen: Set<Checkpoint> = []
    return (former + last.map { FormerCheckpoint(checkpoint: $0, endedAtMilliseconds: now) }).filter {
      $0.checkpoint.path == path && seen.insert($0.checkpoint).inserted
    }.suffix(FormerGeneration.countLimit).map {
      FormerGeneration(
        place: $0.checkpoint, beginning: nil, endedAt: .milliseconds($0.endedAtMilliseconds), isOfFormerLife: true)
    }
  }
}

extension Checkpoint {
  /// Whether a file has all that was read up to here: more than a few bytes, for many logs begin with the same banner;
  /// or, by a name that a rotation gives, these few bytes alone.
  func isCopied(to file: any ReadableFile, size: UInt64, isRotatedByName: Bool) throws(SystemError) -> Bool {
    let isShort = marker.byteCount < Fingerprint.markerByteLimit
    // Of a short log, the marker is of all that was read.
    if isShort, !isRotatedByName || UInt64(marker.byteCount) != offset || size != offset { return false }
    return try fits(file, size: size)
  }
}

extension [UInt8] {
  /// Whether these bytes begin with all that is in a file.
  fileprivate func begins(with file: any ReadableFile, size: UInt64) throws(SystemError) -> Bool {
    try file.bytes(at: 0, count: Int(size)) == Array(prefix(Int(size)))
  }
}
