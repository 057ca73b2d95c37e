import Coroutines
import Glibc
import Logging
import SystemPackage

/// Finds the files of all pipelines and keeps finding them.
///
/// It lives on the scheduler. Events of the kernel only say where to look again; what stat(2) says is the truth.
/// Between events nothing runs.
actor Follower {
  nonisolated let scheduler: Scheduler
  var patterns = FollowPatterns()
  /// By their numbers.
  var pipelines: [Int: FollowedPipeline] = [:]
  /// What is known of their files, by path; made where it is needed.
  var knownPaths: [Int: KnownPaths] = [:]
  /// Those whose files are looked for the first time.
  var starting: Set<Int> = []
  let fileSystem: any FileSystem
  let openFiles: OpenFiles
  let isOnce: Bool
  let log: Logger
  let own: OwnFiles
  private let pool: BlockPool

  /// nil with `--once`, and when stopped.
  private(set) var watches: Watches?
  var names: [FilePath: FollowedName] = [:]
  /// To which a name led before: few of many files.
  var formerIdentities: Set<FileIdentity> = []
  var files: [FileIdentity: OpenFile] = [:]
  var formerPlaces = FormerPlaces()
  var alikeSets = AlikeSets()
  /// How many files were read to their ends.
  var endedCount = 0
  /// Files that may be copies.
  var undecided: Set<FileIdentity> = []
  /// Files that are where they were no more, and were found elsewhere.
  var traced: Set<FormerFile> = []
  /// Where nothing was to be read of files that are gone, until what is there now is looked at.
  var sought: [FilePath: Sought] = [:]
  /// Until when files were read that were under a path, and were copied or are found nowhere; see ``LostFile/readAt``.
  var goneReadAt: [FilePath: Int64] = [:]
  /// What was lost under a name while nobody looked; the next file there says so.
  var losses: [FilePath: [Gap]] = [:]
  /// Checkpoints whose files were where they say when a pipeline began, or could not be seen, until those are looked
  /// at.
  var unmoved: [FilePath: [(checkpoint: Checkpoint, taker: Taker)]] = [:]
  /// How large these files were then, while they were looked at.
  var seenSizes: [FormerFile: UInt64] = [:]
  /// Paths that could not be seen then, or not be read.
  var unseen: Set<FilePath> = []
  private(set) var isStopped = false
  /// Whose turn it is to look; one at a time, also where that takes long.
  private let turns: Channel<Void>
  private var isLooking = false
  /// What is to be looked at by whoever looks.
  private var unlooked: Set<Watches.Finding> = []
  /// With `--once`: what could not be read though it is there. Said already.
  private(set) var passedOver: Set<FilePath> = []
  var stream: FollowedFile?
  /// For each pipeline in its first look, in how many files it was given a start.
  var startCounts: [Int: Int] = [:]
  /// What is given out. It has no bound of its own: each file in it is in `files` anyway.
  private let found: Channel<FollowedFile>
  var pump: Routine<Void>?
  var retries: [Watches.Finding: Retry] = [:]
  /// Until when patterns are not walked through again, as that takes long.
  var rests: [Int: Duration] = [:]
  /// Patterns that are walked through after that.
  var walksDue: Set<Int> = []
  private var saidOnce: Set<String> = []
  /// By what identity a file is known whose own may be another's by now.
  var departures: [FileIdentity: FileIdentity] = [:]
  var departureCount = 0
  var polls = Polls()
  var pollRoutine: (deadline: Duration, routine: Routine<Void>)?
  /// Patterns of which some folders are not watched, for want of watches.
  var unwatchedPatterns: Set<Int> = []
  /// Patterns of which files or folders are where others may write unseen.
  var sharedPatterns: Set<Int> = []
  /// Whether that is so of a device.
  var sharedDevices: [UInt64: Bool] = [:]

  /// A file that was at a path.
  struct FormerFile: Hashable {
    let path: FilePath
    let identity: FileIdentity
  }

  struct Retry {
    var failures = 0
    var routine: Routine<Void>?
  }

  /// - Parameters:
  ///   - isOnce: what is there now is read, and nothing is waited for.
  ///   - own: what is never followed.
  ///   - fileSystem: where the files are.
  init(
    isOnce: Bool, scheduler: Scheduler, pool: BlockPool, log: Logger, own: OwnFiles = OwnFiles(),
    fileSystem: any FileSystem = LinuxFiles()
  ) {
    self.own = own
    openFiles = OpenFiles(openLimit: fileSystem.openLimit)
    self.fileSystem = FilesWithinLimit(base: fileSystem, openFiles: openFiles)
    self.isOnce = isOnce
    self.scheduler = scheduler
    found = Channel(name: "files to read", on: scheduler, capacity: .max)
    turns = Channel(name: "turns to look", on: scheduler, capacity: 1)
    self.pool = pool
    self.log = log
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  /// Sets up watches.
  ///
  /// - Throws: ``Failure`` where that cannot be.
  func start() throws {
    turns.offer(())
    guard !isOnce else { return }
    let watches = Watches()
    self.watches = watches
    openFiles.watches = watches
    watches.onShortage = { [weak self, scheduler] error in
      scheduler.spawn(name: "too few watches") { [weak self] in await self?.noteShortage(error) }
    }
    do throws(SystemError) {
      try watches.begin(fileSystem)
      beginToWait()
    } catch {
      guard error.isWatchLimit else { throw Failure("cannot watch files", cause: error.description) }
      noteShortage(error)
    }
  }

  /// The next file that a pipeline has to read; suspends while there is none. One caller at a time.
  ///
  /// - Returns: nil when stopped, or (once) when no more will come.
  /// - Throws: `CancellationError`.
  func nextFile() async throws -> FollowedFile? {
    let file = try await found.next()
    return isStopped ? nil : file
  }

  /// ``nextFile()`` and every ``FollowedFile/next()`` give nil from now on; all files are closed.
  func stop() async {
    guard !isStopped else { return }
    isStopped = true
    found.finish()
    turns.finish()
    for retry in retries.values { retry.routine?.cancel() }
    retries = [:]
    pollRoutine?.routine.cancel()
    pollRoutine = nil
    if let pump {
      pump.cancel()
      do { try await pump.value } catch {
        if !(error is CancellationError) { log.warning("the watch for files ended badly: \(error)") }
      }
    }
    pump = nil
    for file in [stream].compactMap(\.self) + files.values.flatMap(\.readers) { await file.stop() }
    stream = nil
    files = [:]
    names = [:]
    watches = nil
    openFiles.watches = nil
  }

  // MARK: Events

  /// Looks again; what cannot work now is said once and tried later.
  func take(_ findings: Set<Watches.Finding>) async {
    // Those who read are told at once, also while someone looks for long.
    await ring(findings)
    let toLookAt = findings.filter { if case .file = $0 { false } else { true } }
    if toLookAt.isEmpty { return }
    unlooked.formUnion(toLookAt)
    guard !isLooking else { return }
    do { try await inTurn {} } catch {
      if !(error is CancellationError) { log.warning("\(error)") }
    }
  }

  /// Does something while nobody else looks, and no pipeline comes or goes; then looks at what was found meanwhile.
  ///
  /// - Throws: what `body` throws; `CancellationError`.
  func inTurn<Value>(_ body: () async throws -> Value) async throws -> Value {
    guard try await turns.next() != nil else { throw CancellationError() }
    isLooking = true
    defer {
      isLooking = false
      turns.offer(())
    }
    do {
      let value = try await body()
      await lookAtRest()
      return value
    } catch {
      await lookAtRest()
      throw error
    }
  }

  private func lookAtRest() async {
    while !unlooked.isEmpty, !isStopped {
      let findings = unlooked
      unlooked = []
      do { try await look(at: findings) } catch {
        if !(error is CancellationError) { log.warning("\(error)") }
        retry(.everything)
      }
    }
  }

  /// Looks at a place again after a pause that grows with each failure in a row, up to half a minute: not every error
  /// that ends is told of by an event.
  func retry(_ finding: Watches.Finding) {
    guard !isOnce, !isStopped, retries[finding]?.routine == nil else { return }
    let failures = (retries[finding]?.failures ?? 0) + 1
    let pause = Duration.seconds(min(30, 1 << min(failures - 1, 5)))
    let routine = scheduler.spawn(name: "look again", after: pause) { await self.lookAgain(finding) }
    retries[finding] = Retry(failures: failures, routine: routine)
  }

  func lookAgain(_ finding: Watches.Finding) async {
    guard !isStopped else { return }
    retries[finding]?.routine = nil
    await take([finding])
    // A pattern at rest was not walked through yet: that it failed counts on.
    if case .pattern(let pattern) = finding, walksDue.contains(pattern) { return }
    if retries[finding]?.routine == nil { retries[finding] = nil }
  }

  // MARK: Files

  /// A file that was asked for could not be read: with `--once` that is a failure of the run.
  func notePassedOver(_ path: FilePath) { if isOnce { passedOver.insert(path) } }

  /// No more pipelines come. With `--once`, or where standard input alone is followed, no more files come either.
  func finishAdding() { if isOnce || patterns.isEmpty { found.finish() } }

  /// Gives a file out.
  func give(_ file: FollowedFile) {
    for start in file.firstStarts { count(startOf: start.pipeline) }
    found.offer(file)
  }

  /// Counts a start in a pipeline's first look.
  func count(startOf pipeline: Int) { if starting.contains(pipeline) { startCounts[pipeline, default: 0] += 1 } }

  /// What its files use of this follower.
  private(set) lazy var surroundings = FollowedFile.Surroundings(
    scheduler: scheduler, files: fileSystem, pool: pool, log: log, own: own, waiting: WaitingFiles(),
    ended: { [weak self] in await self?.forget($0) },
    noteForeign: { [weak self] in await self?.noteForeign($0, beginningWith: $1) },
    originality: { [weak self] in await self?.originality(of: $0, $1) ?? .original },
    isFollowed: { [weak self] in await self?.files[$0]?.readers.isEmpty == false },
    noteGenerationEnd: { [weak self] in await self?.askAgainForCopies() },
    noteGone: { [weak self] in await self?.take([.gone($0)]) },
    noteCopy: { [weak self] in await self?.noteCopy($0, of: $1) ?? .passedOver },
    copyOfUnread: { [weak self] in try await self?.copy(ofUnread: $0, $1) ?? nil })

  // MARK: What is said

  /// Logs a message unless one of that key was logged before.
  func say(once key: String, _ level: Logger.Level, _ message: String) {
    if saidOnce.insert(key).inserted { log.log(level: level, "\(message)") }
  }
}
