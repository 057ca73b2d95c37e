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
  /// How far each file was read, by path.
  var offsets: [FilePath: UInt64] = [:]
  /// Errors that ended a file's routine.
  private(set) var failures: [any Error] = []
  private var routines: [Int: Routine<Void>] = [:]
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
    totals = Array(repeating: Totals(), count: plan.pipelines.count)
  }

  /// Follows until the follower has no more files, and every file's routine has ended.
  func run() async throws {
    var unopened = await follower.foundCount
    if unopened == 0 { try await markStarted() }
    while let file = try await follower.nextFile() {
      try await open(file)
      unopened -= 1
      if unopened == 0 { try await markStarted() }
    }
    while let routine = routines.first?.value { try await routine.value }
  }

  /// Tells each sink where it starts in a file, and starts the file's routine.
  private func open(_ file: FollowedFile) async throws {
    let targets = targets(of: file)
    let scanner = try scanner(for: file.starts.map(\.pipeline))
    let broadcast = Broadcast(to: targets.map { sinks[$0.sink].coroutine })
    try await send(over: broadcast, to: targets) { $0.opening }
    start(file, targets, scanner, broadcast)
  }

  /// The starting points of all files that were there are kept: from now on `from` holds no more, and a file that
  /// appears is read from its beginning, also by the next run.
  private func markStarted() async throws {
    try await book.write()
    try await ledger.markStarted(plan.pipelines.map(\.label.name))
  }

  private func start(
    _ file: FollowedFile, _ targets: [Target], _ scanner: Scanner, _ broadcast: Broadcast<Delivery>
  ) {
    let flow = Flow(file: file, targets: targets, broadcast: broadcast)
    nonisolated(unsafe) let scanner = scanner  // owned by this actor; the routine comes back to it
    let routine = scheduler.spawn(name: file.path.string) { await self.read(flow, scanner) }
    routines[routine.id] = routine
    routine.whenDone { [weak self, id = routine.id] _ in
      guard let self else { return }
      self.assumeIsolated { $0.routines[id] = nil }
    }
  }

  private func read(_ flow: Flow, _ scanner: Scanner) async {
    do {
      try await self.flow(flow, through: scanner)
    } catch {
      log.error("stopped following \(flow.file.path): \(error)")
      failures.append(error)
    }
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
    around: @escaping Broadcast<Delivery>.Around = { _, send in try await send() },
    _ delivery: (Target) -> Delivery?
  ) async throws {
    let deliveries = targets.map(delivery)
    let outcome = try await broadcast.send(each: { deliveries[$0] }, around: around)
    for fault in outcome.faults { onFault(targets[fault.index].sink, fault.error) }
    for index in outcome.takers {
      let sink = sinks[targets[index].sink]
      if !sink.keepsCheckpoints, let delivery = deliveries[index] { await book.take(delivery, by: sink.name) }
    }
  }
}

/// One followed file on its way: where it is read, and where it goes.
struct Flow: Sendable {
  let file: FollowedFile
  let targets: [Target]
  let broadcast: Broadcast<Delivery>
}
