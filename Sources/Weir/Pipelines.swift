import Coroutines
import Logging
import SystemPackage

/// All pipelines at work: files found by the follower flow through scanners and broadcasts to the sinks.
///
/// An actor on the scheduler: one routine for each followed file that has something to do, all on one thread, so that
/// what is kept here needs no lock.
actor Pipelines {
  /// What a pipeline has done since the start of the agent.
  final class Totals {
    var matchedLines = 0
    /// On which a pattern met a match limit.
    var limitedLines = 0
  }

  /// How far a file was read, and for whom.
  struct Progress {
    let file: FollowedFile
    /// For whom; see ``Flow/starts``.
    var starts: [FileStart]
    var offset: UInt64
  }

  nonisolated let scheduler: Scheduler
  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  let follower: Follower
  let ledger: Ledger
  let book: CheckpointBook
  let log: Logger
  private(set) var timingOutput = TimingOutput()
  var figures = StageFigures()
  /// What pipelines that follow the same files have read.
  var readBytes: [StageFigures.Group: UInt64] = [:]
  /// By the pipeline's name.
  var totals: [ByteText: Totals] = [:]
  var progress: [Flow.ID: Progress] = [:]
  /// Writes the timing figures of the minute that is over.
  var minuteWriter: Routine<Void>?
  /// Errors that ended a file's routine.
  var failures: [any Error] = []
  /// By number; also those that were taken away, while a file still flows for them.
  private(set) var pipelines: [Int: RunningPipeline] = [:]
  /// For each pipeline, in how many files that were there at its start its sinks were told where they start.
  private var openedCounts: [Int: Int] = [:]
  /// In how many they have to be; nil once all are.
  private var wantedCounts: [Int: Int] = [:]
  /// Numbers of sinks that failed: they are sent nothing more, whatever file it is of.
  private var setApart: Set<Int> = []
  private var scanners: [[Int]: Scanner] = [:]
  /// Made before the pipelines run; by their labels.
  private var preparedScanners: [[ObjectIdentifier]: Scanner] = [:]
  var openings = Openings()
  /// One a followed file that has something to do, or had it not long ago.
  let readers: RoutineGroup
  /// Who waits until no file flows for some pipelines.
  var leaveBells: [Bell] = []
  private let onFault: @Sendable (_ sink: Int, _ error: any Error) -> Void
  let onFiles: @Sendable () -> Void

  /// - Parameters:
  ///   - onFault: called with the number of each sink that a broadcast set apart; may be called again for the same one.
  ///   - onFiles: called when a file came or went.
  init(
    follower: Follower, ledger: Ledger, book: CheckpointBook, scheduler: Scheduler, log: Logger,
    onFault: @escaping @Sendable (Int, any Error) -> Void, onFiles: @escaping @Sendable () -> Void
  ) {
    self.follower = follower
    self.ledger = ledger
    self.book = book
    self.scheduler = scheduler
    self.log = log
    self.onFault = onFault
    self.onFiles = onFiles
    readers = RoutineGroup(on: scheduler)
  }

  /// Follows until the follower has no more files, and every file's routine has ended.
  func run() async throws {
    while let file = try await follower.nextFile() { await start(file) }
    try await wait { _ in true }
    try await readers.join()
  }

  /// Where timings are said from now on.
  func use(_ timingOutput: TimingOutput) { self.timingOutput = timingOutput }

  // MARK: Who reads

  /// These pipelines may be given files from now on.
  func add(_ added: [RunningPipeline]) {
    for pipeline in added {
      pipelines[pipeline.number] = pipeline
      _ = totals(of: pipeline.name)
    }
  }

  /// Makes the scanners that these pipelines will need if no file is of several kinds of `follow`: of a thousand
  /// patterns that takes as long as to open their sinks, which others do meanwhile.
  func prepare(_ plans: [PipelinePlan]) throws {
    var rest = plans[...]
    while let first = rest.first {
      let alike = rest.filter { $0.follow == first.follow }
      rest = rest.filter { $0.follow != first.follow }[...]
      preparedScanners[alike.map { ObjectIdentifier($0.label) }] = try Scanner(pipelines: alike)
    }
  }

  /// So many files were there when each of these pipelines began.
  func expect(_ counts: [Int: Int]) async throws {
    wantedCounts.merge(counts) { $1 }
    try await markStarted(among: wantedCounts.keys.sorted())
  }

  /// Returns when no file flows for these pipelines any more, and forgets them.
  ///
  /// - Throws: `CancellationError`.
  func waitUntilLeft(_ numbers: Set<Int>) async throws {
    if numbers.isEmpty { return }
    try await wait { $0.starts.contains { numbers.contains($0.pipeline) } }
    for number in numbers {
      pipelines[number] = nil
      openedCounts[number] = nil
      wantedCounts[number] = nil
    }
    scanners = scanners.filter { numbers.isDisjoint(with: $0.key) }
  }

  /// Returns when nothing flows to this sink any more.
  ///
  /// - Throws: `CancellationError`.
  func waitUntilUnused(_ sink: Int) async throws {
    try await wait { progress in
      progress.starts.contains { start in
        zip(pipelines[start.pipeline]?.sinks ?? [], start.sinks).contains { $0.number == sink && $1 != nil }
      }
    }
  }

  /// Returns when no file's progress is such.
  private func wait(while isSuch: (Progress) -> Bool) async throws {
    let bell = Bell(on: scheduler)
    leaveBells.append(bell)
    defer { leaveBells.removeAll { $0 === bell } }
    while progress.values.contains(where: isSuch) { try await bell.wait() }
  }

  /// How many sets of pipelines have a scanner.
  var scannerCount: Int { scanners.count }

  func take(_ change: ReaderChange, in flow: inout Flow) async throws {
    var starts = flow.starts
    var joined: FileStart?
    switch change {
    case .joined(let start):
      starts.append(start)
      joined = start
    case .left(let numbers): starts.removeAll { numbers.contains($0.pipeline) }
    case .replaced(let old, let start):
      guard let place = starts.firstIndex(where: { $0.pipeline == old }) else { return }
      starts[place] = start
      joined = start
    }
    let former = flow.sinks
    try rebind(&flow, to: starts)
    guard let joined else { return }
    try await finish(former.filter { sink in !flow.sinks.contains { $0.number == sink.number } })
    try await send(along: flow) { $0.label === pipelines[joined.pipeline]?.plan.label ? $0.opening : nil }
    try await keepOpening(of: flow)
    try await countOpening(for: [joined.pipeline])
  }

  /// What sinks hold that a file leaves is committed before others go on with it: they may have the same names, and
  /// checkpoints. One that failed commits nothing, and has said so.
  private func finish(_ sinks: [RunningSink]) async throws {
    for sink in sinks where sink.keepsCheckpoints {
      do { try await sink.sink.settle([]) } catch {
        if error is CancellationError { throw error }
        log.debug("\(sink.name), which is replaced: \(error)")
      }
    }
  }

  private func rebind(_ flow: inout Flow, to starts: [FileStart]) throws {
    flow = try makeFlow(flow.file, starts)
    noteUsers(of: flow)
  }

  func noteUsers(of flow: Flow) {
    progress[flow.id]?.starts = flow.starts
    for bell in leaveBells { bell.ring() }
  }

  func makeFlow(_ file: FollowedFile, _ starts: [FileStart]) throws -> Flow {
    let starts = starts.filter { pipelines[$0.pipeline] != nil }
    let running = starts.map { pipelines[$0.pipeline]! }
    let scanner = try scanner(for: running)
    return Flow(file, starts: starts, pipelines: running, totals: running.map { totals(of: $0.name) }, scanner: scanner)
    {
      figures.group(of: $0)
    }
  }

  private func totals(of name: String) -> Totals {
    if let totals = totals[ByteText(name)] { return totals }
    let new = Totals()
    totals[ByteText(name)] = new
    return new
  }

  /// One scanner for each set of pipelines that follow the same files.
  private func scanner(for pipelines: [RunningPipeline]) throws -> Scanner {
    let numbers = pipelines.map(\.number)
    if let scanner = scanners[numbers] { return scanner }
    let plans = pipelines.map(\.plan)
    let prepared = preparedScanners.removeValue(forKey: plans.map { ObjectIdentifier($0.label) })
    let scanner = try prepared ?? Scanner(pipelines: plans)
    scanners[numbers] = scanner
    return scanner
  }

  // MARK: Reading

  /// Where sinks without a store start is kept before anything is read, and where a content of a file ends before the
  /// next is: else, after a kill, they would begin where others are, or not know a copy.
  func keepOpening(of flow: Flow) async throws {
    if flow.sinks.contains(where: { !$0.keepsCheckpoints }) { try await book.write() }
  }

  func countOpening(for numbers: [Int]) async throws {
    for number in numbers { openedCounts[number, default: 0] += 1 }
    try await markStarted(among: numbers)
  }

  /// The starting points of all files that were there are kept: from now on `from` holds no more, and a file that
  /// appears is read from its beginning, also by the next run.
  private func markStarted(among numbers: [Int]) async throws {
    let started = numbers.filter { number in
      wantedCounts[number].map { openedCounts[number, default: 0] >= $0 && pipelines[number] != nil } ?? false
    }
    guard !started.isEmpty else { return }
    for number in started { wantedCounts[number] = nil }
    if wantedCounts.isEmpty { preparedScanners = [:] }
    let names = started.compactMap { pipelines[$0]?.name }
    do {
      try await book.write()
      try await ledger.markStarted(names)
    } catch {
      for number in started { wantedCounts[number] = 0 }  // by the next who asks
      throw error
    }
  }

  /// Whether nobody takes anything of it any more.
  func isInVain(_ flow: Flow) -> Bool { flow.sinks.allSatisfy { setApart.contains($0.number) } }

  /// Sends each target its delivery.
  func send(along flow: Flow, _ delivery: (Target) -> Delivery?) async throws {
    try await send(flow.posts(delivery), along: flow)
  }

  /// Sends some sinks their deliveries, reports those that failed, and notes the checkpoints of the others.
  func send(_ posts: Flow.Posts, along flow: Flow, timer: Broadcast<[Delivery]>.Timer? = nil) async throws {
    let posts = setApart.isEmpty ? posts : posts.filter { !setApart.contains(flow.sinks[$0.index].number) }
    let outcome = try await flow.broadcast.send(posts, timer: timer)
    for fault in outcome.faults {
      let number = flow.sinks[fault.index].number
      setApart.insert(number)
      onFault(number, fault.error)
    }
    var takers = outcome.takers[...]
    for (index, deliveries) in posts where takers.first == index {
      takers.removeFirst()
      let sink = flow.sinks[index]
      if !sink.keepsCheckpoints { await book.take(deliveries, by: sink.name) }
    }
    if !outcome.missed.isEmpty { throw CancellationError() }
  }
}
