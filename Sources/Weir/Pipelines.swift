import Coroutines
import Logging
import SystemPackage

/// All pipelines of a plan at work: files found by the follower flow through scanners and broadcasts to the sinks.
///
/// An actor on the scheduler: one routine a followed file, all on one thread, so that what is kept here needs no lock.
actor Pipelines {
  /// What a pipeline has done since its start.
  struct Totals {
    var readBytes: UInt64 = 0
    var matchedLines = 0
    /// On which a pattern met a match limit.
    var limitedLines = 0
  }

  nonisolated let plan: Plan
  nonisolated let scheduler: Scheduler
  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  let sinks: [RunningSink]
  let follower: Follower
  let ledger: Ledger
  let book: CheckpointBook
  let log: Logger
  let timingOutput: TimingOutput
  var figures = StageFigures()
  var totals: [Totals]
  /// How far each file was read, while its routine runs.
  var offsets: [Flow.ID: (path: FilePath, offset: UInt64)] = [:]
  /// Writes the timing figures of the minute that is over.
  var minuteWriter: Routine<Void>?
  /// Errors that ended a file's routine.
  private(set) var failures: [any Error] = []
  /// Files that were there at the start and whose sinks have not all been told where they start.
  private var unopenedCount = 0
  /// One a followed file.
  private let readers: RoutineGroup
  private var scanners: [[Int]: Scanner] = [:]
  private let onFault: @Sendable (_ sink: Int, _ error: any Error) -> Void

  /// - Parameter onFault: called for each sink that a broadcast set apart; may be called again for the same one.
  init(
    plan: Plan, sinks: [RunningSink], follower: Follower, ledger: Ledger, book: CheckpointBook, scheduler: Scheduler,
    log: Logger, timingOutput: TimingOutput, onFault: @escaping @Sendable (Int, any Error) -> Void
  ) {
    self.plan = plan
    self.sinks = sinks
    self.follower = follower
    self.ledger = ledger
    self.book = book
    self.scheduler = scheduler
    self.log = log
    self.timingOutput = timingOutput
    self.onFault = onFault
    readers = RoutineGroup(on: scheduler)
    totals = Array(repeating: Totals(), count: plan.pipelines.count)
  }

  /// Follows until the follower has no more files, and every file's routine has ended.
  func run() async throws {
    unopenedCount = await follower.foundCount
    if unopenedCount == 0 { try await markStarted() }
    var initialCount = unopenedCount
    while let file = try await follower.nextFile() {
      try start(file, isInitial: initialCount > 0)
      initialCount -= 1
    }
    try await readers.join()
  }

  private func start(_ file: FollowedFile, isInitial: Bool) throws {
    let targets = targets(of: file)
    let broadcast = Broadcast(to: targets.map { sinks[$0.sink].coroutine })
    let flow = Flow(file: file, targets: targets, broadcast: broadcast)
    nonisolated(unsafe) let scanner = try scanner(for: file.starts.map(\.pipeline))  // this actor's, and stays here
    readers.spawn(name: file.path.string) { await self.read(flow, scanner, isInitial: isInitial) }
  }

  /// Tells each sink where it starts in the file, then reads it. A sink that does not take it holds up this file alone.
  private func read(_ flow: Flow, _ scanner: Scanner, isInitial: Bool) async {
    offsets[flow.id] = (flow.file.path, flow.targets.map(\.start.end).min() ?? 0)
    defer { offsets[flow.id] = nil }
    do {
      try await send(over: flow.broadcast, to: flow.targets) { $0.opening }
      if isInitial { try await countOpening() }
      try await self.flow(flow, through: scanner)
    } catch {
      log.error("stopped following \(flow.file.path): \(error)")
      failures.append(error)
    }
    await flow.file.stop()  // closes what no sink takes any more
  }

  private func countOpening() async throws {
    unopenedCount -= 1
    if unopenedCount == 0 { try await markStarted() }
  }

  /// The starting points of all files that were there are kept: from now on `from` holds no more, and a file that
  /// appears is read from its beginning, also by the next run.
  private func markStarted() async throws {
    try await book.write()
    try await ledger.markStarted(plan.pipelines.map(\.label.name))
  }

  private func targets(of file: FollowedFile) -> [Target] {
    file.starts.enumerated().flatMap { index, start in
      let pipeline = plan.pipelines[start.pipeline]
      return zip(pipeline.sinks, start.sinks).enumerated().map { place, pair in
        Target(label: pipeline.label, sink: pair.0, selectionIndex: (index, place), start: pair.1)
      }
    }
  }

  /// One scanner for each set of pipelines that follow the same files.
  private func scanner(for pipelines: [Int]) throws -> Scanner {
    if let scanner = scanners[pipelines] { return scanner }
    let scanner = try Scanner(pipelines: pipelines.map { plan.pipelines[$0] })
    scanners[pipelines] = scanner
    return scanner
  }

  /// Sends each target its delivery, reports those that failed, and notes the checkpoints of the others.
  func send(
    over broadcast: Broadcast<Delivery>, to targets: [Target],
    timer: Broadcast<Delivery>.Timer? = nil, _ delivery: (Target) -> Delivery?
  ) async throws {
    let deliveries = targets.map(delivery)
    let outcome = try await broadcast.send(each: { deliveries[$0] }, timer: timer)
    for fault in outcome.faults { onFault(targets[fault.index].sink, fault.error) }
    for index in outcome.takers {
      let sink = sinks[targets[index].sink]
      if !sink.keepsCheckpoints, let delivery = deliveries[index] { await book.take(delivery, by: sink.name) }
    }
    if !outcome.missed.isEmpty { throw CancellationError() }
  }
}

/// One followed file on its way: where it is read, and where it goes.
struct Flow: Sendable, Identifiable {
  let file: FollowedFile
  let targets: [Target]
  let broadcast: Broadcast<Delivery>

  var id: ObjectIdentifier { ObjectIdentifier(file) }
}
