import Coroutines
import Glibc
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// Runs a follower on a scheduler and keeps what its files gave; what the pipeline does, for tests.
final class Tail: Sendable {
  struct Seen {
    var lines: [String] = []
    /// For each pipeline the lines of the files that it reads.
    var pipelineLines: [Int: [String]] = [:]
    var batches: [Batch] = []
    /// All that sinks are told: where they start, then the batches; by that they have their checkpoints.
    var told: [Batch] = []
    var gaps: [Gap] = []
    var files: [FollowedFile] = []
    var ended = 0
    var isFinished = false
  }

  let scheduler: Scheduler
  let follower: Follower
  private let pipelines: [FollowedPipeline]
  let log = LogTape()
  private let seen = Mutex(Seen())

  convenience init(
    _ plans: [FollowPlan], known: KnownPositions? = nil, isOnce: Bool = false, clock: any TimeSource = SystemClock(),
    own: OwnFiles = OwnFiles(), fileSystem: any FileSystem = LinuxFiles(), pool: BlockPool = BlockPool()
  ) {
    let known = known ?? KnownPositions(hasRunBefore: false, sinkCheckpoints: [[]])
    self.init(
      pipelines: [plans], known: [known], isOnce: isOnce, clock: clock, own: own, fileSystem: fileSystem, pool: pool)
  }

  init(
    pipelines: [[FollowPlan]], known: [KnownPositions], isOnce: Bool = false, clock: any TimeSource = SystemClock(),
    own: OwnFiles = OwnFiles(), fileSystem: any FileSystem = LinuxFiles(), pool: BlockPool = BlockPool()
  ) {
    scheduler = Scheduler(clock: clock)
    let tape = log
    var logger = Logger(label: "test") { _ in tape }
    logger.logLevel = .trace
    self.pipelines = zip(pipelines, known).enumerated().map { number, pipeline in
      FollowedPipeline(number: number, follow: pipeline.0, known: pipeline.1)
    }
    follower = Follower(
      isOnce: isOnce, scheduler: scheduler, pool: pool, log: logger, own: own, fileSystem: fileSystem)
  }

  convenience init(
    _ paths: FilePath..., from start: FollowPlan.Start = .end, excludes: [FilePath] = [], maxLineBytes: Int = 1 << 20,
    known: KnownPositions? = nil, isOnce: Bool = false, clock: any TimeSource = SystemClock()
  ) {
    let plan = FollowPlan(paths: paths, excludes: excludes, start: start, maxLineBytes: maxLineBytes)
    self.init([plan], known: known, isOnce: isOnce, clock: clock)
  }

  var now: Seen { seen.withLock { $0 } }
  var lines: [String] { now.lines }

  /// Starts following and runs `body`; stops after it.
  func run(_ body: @escaping @Sendable (Tail) async throws -> Void) throws {
    try scheduler.run { [self] in
      try await follow()
      let reading = scheduler.spawn(name: "read") { [self] in try await readAll() }
      do { try await body(self) } catch {
        Issue.record("\(error); seen \(lines.prefix(20)); log \(log.messages)")
      }
      await follower.stop()
      try await reading.value
    }
  }

  /// Starts the follower with the pipelines.
  func follow() async throws {
    try await follower.start()
    _ = try await follower.add(pipelines)
    await follower.finishAdding()
  }

  private func readAll() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      while let file = try await follower.nextFile() {
        seen.withLock { $0.files.append(file) }
        group.addTask { try await self.read(file) }
      }
      try await group.waitForAll()
    }
    seen.withLock { $0.isFinished = true }
  }

  private func read(_ file: FollowedFile) async throws {
    var pipelines = file.firstStarts.map(\.pipeline)
    seen.withLock { $0.told += file.firstStarts.flatMap(\.sinks).compactMap(\.self) }
    while let reading = try await file.next() {
      seen.withLock { seen in
        switch reading {
        case .change(.joined(let start)):
          pipelines.append(start.pipeline)
          seen.told += start.sinks.compactMap(\.self)
        case .change(.replaced(_, let start)): seen.told += start.sinks.compactMap(\.self)
        case .change(.left): break
        case .gap(let gap): seen.gaps.append(gap)
        case .batch(let batch):
          seen.batches.append(batch)
          seen.told.append(batch)
          batch.withBytes { bytes in
            var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            let read = lines.map { String(decoding: $0, as: UTF8.self) }
            seen.lines += read
            for pipeline in pipelines { seen.pipelineLines[pipeline, default: []] += read }
          }
        }
      }
    }
    seen.withLock { $0.ended += 1 }
  }

  struct TooLate: Error {}

  /// Returns when `condition` holds of what was seen. The deadline is of real time.
  func until(_ condition: (Seen) -> Bool) async throws { try await until(condition(now)) }

  /// Returns when `isSo` holds; the same.
  func until(_ isSo: @autoclosure () async -> Bool) async throws {
    let deadline = ContinuousClock().now + .seconds(10)
    while await !isSo() {
      guard ContinuousClock().now < deadline else { throw TooLate() }
      if scheduler.clock is VirtualClock {
        // Virtual time stands still here, so the kernel is given its turn by yielding.
        for _ in 0..<20 { await Task.yield() }
        try await scheduler.sleep(for: .milliseconds(20))
      } else {
        try await scheduler.sleep(for: .microseconds(500))
      }
    }
  }

  func until(lines: [String]) async throws { try await until { $0.lines == lines } }
}

/// Keeps what is logged.
final class LogTape: LogHandler, Sendable {
  private let tape = Mutex<[(Logger.Level, String)]>([])
  var messages: [String] { tape.withLock { $0.map { "\($0.0): \($0.1)" } } }
  var troubles: [String] { tape.withLock { $0.filter { $0.0 >= .warning }.map(\.1) } }

  var logLevel: Logger.Level {
    get { .debug }
    set {}
  }
  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
  func log(event: LogEvent) { tape.withLock { $0.append((event.level, event.message.description)) } }
}

/// What a sink that took this batch has as its checkpoint, as knowledge for the next start.
func known(_ checkpoints: [Checkpoint]) -> KnownPositions {
  KnownPositions(hasRunBefore: true, sinkCheckpoints: [checkpoints])
}
