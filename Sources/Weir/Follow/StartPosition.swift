import Coroutines

/// What is known of a pipeline's files from its sinks' checkpoints.
struct KnownPositions: Sendable {
  /// Then `from` holds no more: unknown files are read from their beginning.
  var hasRunBefore: Bool
  /// For each sink of the pipeline, in the order of `PipelinePlan.sinks`.
  var sinkCheckpoints: [[Checkpoint]]
  /// For each of them; empty where nothing is known of former contents.
  var formerCheckpoints: [[FormerCheckpoint]] = []
}

/// Where the sinks of one pipeline start in a file.
struct FileStart: Sendable {
  /// The pipeline's number.
  let pipeline: Int
  /// For each of its sinks an empty batch that ends where the sink starts; nil for one that has taken all of this file
  /// before, and is not told of it.
  let sinks: [Batch?]
  /// Whether a line begins at each of these places.
  var isAtLineStart = true

  /// Where its sinks start.
  var offsets: [UInt64] { sinks.compactMap { $0?.end } }

  /// What of a gap some sink was to be given; nil for none of it.
  func part(of gap: Gap) -> Gap? {
    let starts = sinks.compactMap(\.self)
    guard let first = starts.map(\.end).min(), starts.allSatisfy({ $0.origin === gap.origin }) else { return gap }
    if gap.last < first { return nil }
    return Gap(
      origin: gap.origin, first: max(first, gap.first), last: gap.last, reason: gap.reason,
      mayBeFoundAgain: gap.mayBeFoundAgain)
  }
}

/// Where each sink of a pipeline starts in a file: a table from what is known.
struct StartPosition: Sendable {
  /// For each sink the offset of its checkpoint, if it has one that is for this file.
  var checkpointOffsets: [UInt64?]
  /// Sinks that know other files of its name, or what it was before: to them all of it is new.
  var sinksBehind: Set<Int> = []
  /// Whether the pipeline has run before.
  var hasRunBefore: Bool
  /// Whether the file was not there when following began.
  var appearedLater: Bool
  /// Whether a checkpoint is for this file by device and inode, but the content is another.
  var isNewGeneration: Bool
  /// Nothing is waited for (`--once`).
  var isOnce: Bool
  /// What the config says of unknown files.
  var start: FollowPlan.Start

  /// - Parameters:
  ///   - size: the file's.
  ///   - lastLines: gives the offset at which the last so many lines begin.
  func offsets<Failure: Error>(size: UInt64, lastLines: (Int) throws(Failure) -> UInt64) throws(Failure) -> [UInt64] {
    let known = checkpointOffsets.compactMap { $0 }.min()
    var unknown: UInt64 = 0
    if hasRunBefore, let known {
      unknown = known
    } else if !hasRunBefore && !appearedLater && !isNewGeneration {
      switch start {
      case .lastLines(let count): unknown = try lastLines(count)
      case .end: unknown = isOnce ? 0 : size
      case .beginning: unknown = 0
      }
      // Another database knows more than the agent's own, of which a power cut took all, or which was removed.
      if let known { unknown = min(unknown, known) }
    }
    return checkpointOffsets.enumerated().map { sink, offset in
      offset ?? (known != nil && sinksBehind.contains(sink) ? 0 : unknown)
    }
  }
}

extension Checkpoint {
  /// Whether more of the file was seen than was read.
  var hasUnreadHead: Bool { UInt64(head.byteCount) > offset }

  /// Whether it is for a file of that inode number, and for bytes of it. Devices may have other numbers after a
  /// reboot: whether it is that file, its bytes say.
  func mayBeOf(_ status: FileStatus) -> Bool { offset > 0 && identity.inode == status.identity.inode }

  /// Whether the bytes that it knows are in a file, whichever file that is.
  func fits(_ file: any ReadableFile, size: UInt64) throws(SystemError) -> Bool {
    guard offset <= size, UInt64(marker.byteCount) <= offset else { return false }
    guard try head.matches(file, at: 0) else { return false }
    return try marker.matches(file, at: offset - UInt64(marker.byteCount))
  }
}

extension ReadableFile {
  /// Where the last `count` lines begin, as tail(1) counts: an unfinished last line is a line.
  func startOfLastLines(_ count: Int, size: UInt64) throws(SystemError) -> UInt64 {
    guard count > 0 else { return size }
    var end = size
    var isLastByte = true
    var missing = count
    while end > 0 {
      let start = end > 65_536 ? end - 65_536 : 0
      let bytes = try bytes(at: start, count: Int(end - start))
      var limit = bytes.count
      if isLastByte, bytes.last == 0x0a { limit -= 1 }
      isLastByte = false
      while let newline = bytes[..<limit].lastIndex(of: 0x0a) {
        missing -= 1
        if missing == 0 { return start + UInt64(newline) + 1 }
        limit = newline
      }
      end = start
    }
    return 0
  }
}
