import Coroutines
import DequeModule
import Logging
import SystemPackage

/// One file (or stream) that is followed through its life, generation after generation; read by all pipelines that
/// follow it.
///
/// It lives on the scheduler. It sleeps until its bell rings, looks at the file, decides (``FileDecision``) and acts.
actor FollowedFile {
  /// The absolute path by which the file was first found; `-` for standard input.
  nonisolated let path: FilePath
  /// nil for a stream.
  nonisolated let identity: FileIdentity?
  /// For each pipeline that reads it from the first, for each of its sinks: where that sink starts.
  nonisolated let firstStarts: [FileStart]
  /// Of those who read it now.
  var starts: [FileStart]
  /// Rings when there may be something to do.
  nonisolated let bell: Bell
  nonisolated let scheduler: Scheduler

  var source: FileSource?
  var reader: LineReader
  var pending = Deque<Reading>()
  let surroundings: Surroundings
  /// Where reading ends with `--once`; nil: never.
  let limit: UInt64?

  var isNamed: Bool
  var predecessor: FollowedFile?
  /// Whether sinks are told where they start in it.
  var isTold = false
  var successors: [FollowedFile] = []
  /// Whether it ever had one.
  private(set) var hadSuccessors = false
  /// Whether all was read that was there since the last successor came.
  var hasCaughtUp = false
  var lastSeenSize: UInt64
  /// Whether what is pending is the rest of a generation that is over.
  var isGenerationOver = false
  /// Whether its life is over once all that is pending was taken.
  var isEnding = false
  /// Whether sinks know that nothing more is expected of it.
  var hasSaidRead = false
  /// Whether the last lines that were given out had more behind them; see ``Batch/hasMore``.
  var isPlaceUntold = false
  /// Of how many of its first bytes the sinks know, before it is read.
  var saidHeadBytes: Int
  /// Of the first bytes that it had when it was opened, while nothing of it was read.
  var seenHead = Fingerprint.none
  var quietSince: Duration
  var failedReads = 0
  /// Where the rest of this generation is read, after a copy was made of it and the file was truncated.
  var copy: RotatedCopy?
  /// What came meanwhile.
  var unread = UnreadGenerations()
  /// The last of them, the oldest first.
  var formerGenerations: [FormerGeneration] = []
  /// Files that were seen to be how this generation begins, and all that was in them: copies, once that is over.
  var seenCopies: [FileIdentity: Checkpoint] = [:]
  /// Where else rotated copies of it may be.
  let rotated: [Glob]
  /// Whether a file that has its inode by now may be a copy of another.
  let mayBecomeCopy: Bool
  /// Of what this one is a copy, while sinks know that as unread: where they are in it.
  var copiedPlaces: [Checkpoint]
  /// Whether it was said how the compressed file that is read ends.
  var hasSaidEnding = false
  /// Whether some of it is there and could not be had.
  var isUnreadable = false
  /// Whether no name on the disk led to it as its life ended, or it was found nowhere: then its inode is free.
  private(set) var wasDeleted = false
  /// Whether it was found nowhere, and may be there again, as where something else was in its place for a while.
  private(set) var mayComeBack = false
  /// Whether its routine waited long enough, and need not be there for the next ring of the bell.
  var isDismissed = false
  /// Whether a followed name led here again when its life was ending already.
  var cameBackLate = false
  /// Whether the follower has let go of it.
  private(set) var isDropped = false
  /// Whether it is gone, and only a copy of it can be read.
  var isLost = false
  /// Whether the file is such a copy of another that is followed; nil until there are bytes to tell.
  var isCopy: Bool?

  /// - Parameters:
  ///   - source: nil for a file that is lost: there is only what is said of it.
  ///   - limit: the size to which it is read, with `--once`.
  ///   - seenSize: how large it was when it was looked at.
  ///   - mayBeCopy: whether it appeared beside other followed files.
  ///   - mayBecomeCopy: whether another file may be where it is, and its inode the same.
  ///   - isNamed: whether a followed name leads to it.
  ///   - first: what it gives before it is read, as what of the file before it is lost.
  ///   - rotated: where else rotated copies of it may be.
  ///   - formerGenerations: as far as they are known, the oldest first.
  ///   - copiedPlaces: where sinks are in the file of which this one is a copy.
  init(
    source: FileSource?, starts: [FileStart], reader: LineReader, limit: UInt64?, predecessor: FollowedFile?,
    seenSize: UInt64 = 0, mayBeCopy: Bool = false, mayBecomeCopy: Bool = false, isNamed: Bool = true,
    first: [Reading] = [], rotated: [Glob] = [],
    formerGenerations: [FormerGeneration] = [], copiedPlaces: [Checkpoint] = [], surroundings: Surroundings
  ) {
    pending = Deque(first)
    self.source = source
    firstStarts = starts
    self.starts = starts
    self.reader = reader
    self.limit = limit
    self.predecessor = predecessor
    self.rotated = rotated
    self.formerGenerations = formerGenerations
    self.copiedPlaces = copiedPlaces
    self.surroundings = surroundings
    self.isNamed = isNamed
    isCopy = mayBeCopy ? nil : false
    self.mayBecomeCopy = mayBecomeCopy
    if reader.readOffset == 0 {
      seenHead = starts.flatMap(\.sinks).compactMap { $0?.head }.max { $0.byteCount < $1.byteCount } ?? .none
    }
    saidHeadBytes = starts.flatMap(\.sinks).compactMap { $0?.head.byteCount }.min() ?? 0
    path = reader.origin.path
    identity = reader.origin.identity
    scheduler = surroundings.scheduler
    bell = Bell(on: scheduler)
    lastSeenSize = max(reader.readOffset, seenSize)
    quietSince = surroundings.scheduler.clock.now
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  /// The next reading; suspends while there is nothing, unless too many others do so. One caller at a time.
  ///
  /// - Throws: `CancellationError`.
  func nextOrRest() async throws -> Next {
    while true {
      let isDismissed = isDismissed
      self.isDismissed = false
      if let reading = pending.popFirst() { return .reading(reading) }
      if isEnding { await finishLife() }
      guard let source else {
        letSuccessorsBegin()
        return .over
      }
      if isDismissed { return .rest }
      if let elder = predecessor {
        if await elder.hasCaughtUp {
          predecessor = nil
        } else if try await !passOverEarly(), try await !startAnewEarly(), !noteHead() {
          try await bell.wait()
        }
        continue
      }
      switch source {
      case .file(let file): try await step(copy?.file ?? file)
      case .stream(let stream): try await step(stream: stream)
      }
    }
  }

  /// What ``nextOrRest()`` gives.
  enum Next {
    case reading(Reading)
    /// There is nothing to do before the bell rings: the caller's task may end until then.
    case rest
    /// Its life is over (rotated away and read to its end), it was stopped, or (once) it was read to its end.
    case over
  }

  /// The next reading; suspends while there is nothing. One caller at a time.
  ///
  /// - Returns: nil when its life is over.
  /// - Throws: `CancellationError`.
  func next() async throws -> Reading? {
    while true {
      switch try await nextOrRest() {
      case .reading(let reading): return reading
      case .rest: try await bell.wait()
      case .over: return nil
      }
    }
  }

  // MARK: What the follower tells

  /// No followed name leads here any more.
  func loseName() {
    guard isNamed else { return }
    isNamed = false
    quietSince = scheduler.clock.now
    bell.ring()
  }

  /// `file` is where this one was; it waits until this one is read.
  func precede(_ file: FollowedFile) {
    guard source != nil || !hasCaughtUp else { return }
    successors.append(file)
    hadSuccessors = true
    hasCaughtUp = false
    bell.ring()
  }

  /// The follower lets go of it.
  func noteDropped() { isDropped = true }

  // MARK: The end

  func catchUp() async {
    guard !hasCaughtUp else { return }
    hasCaughtUp = true
    for file in successors { file.bell.ring() }
  }

  /// Nothing more is read. It is closed when the last of it was taken: until then its inode is no other file's.
  func end() async {
    isEnding = true
    _ = noteRead()
  }

  private func finishLife() async {
    isEnding = false
    guard source != nil else { return }
    wasDeleted = isLost || status?.linkCount == 0
    mayComeBack = wasDeleted && isOutOfSight
    if wasDeleted, !isLost, await !noteCutCopies() { return }
    surroundings.log.debug("\(path) is read to its end and followed no more")
    close()
    await surroundings.ended(self)
  }
}
