import Coroutines
import Logging

/// Counts lines by the values of fields and by windows of time.
///
/// With a database it keeps the counts there, in one transaction with the checkpoint that covers them, so that they
/// are exact through restarts. Without one it counts in memory alone. A line is counted in the window in which
/// it was read, by the wall clock.
public actor CounterSink: Sink {
  /// Label sets in a line of the log, at most.
  static let loggedLabelSets = 3
  /// How long after its end a window is logged: batches that were read in it may still be on their way.
  static let windowGrace = Duration.seconds(1) + CommitPace.longestHold

  private let name: String
  private let scheduler: Scheduler
  private let log: Logger
  private let every: Duration?
  /// Nil: counts in memory.
  private let committer: Committer<HeldCounts>?
  /// Where nothing is committed.
  private var held: HeldCounts
  /// Windows with counts that have not been logged, and what waits for their ends.
  private var closers: [Int64: Routine<Void>] = [:]
  private var totals = CountTotals()

  init(in surroundings: SinkSurroundings, options: CounterRecipe) {
    name = surroundings.name
    scheduler = surroundings.scheduler
    log = surroundings.log
    every = options.every
    held = HeldCounts(options)
    committer = surroundings.database.map { path in
      Committer(surroundings, store: surroundings.stores.store(at: path), holding: HeldCounts(options))
    }
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  public func open(for pipelines: [PipelineLabel]) async throws { try await committer?.open(for: pipelines) }

  public func settle(_ claims: [PipelineClaim]) async throws { try await committer?.settle(claims) }

  public func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]]? {
    try await committer?.checkpoints(of: pipelines)
  }

  public func formerCheckpoints(of pipelines: [PipelineLabel]) async throws -> [[FormerCheckpoint]] {
    try await committer?.formerCheckpoints(of: pipelines) ?? pipelines.map { _ in [] }
  }

  public func receive(_ inbox: Inbox<[Delivery]>) async throws {
    defer { closers.values.forEach { $0.cancel() } }
    if let committer {
      try await committer.receive(inbox) { await self.add($0) }
    } else {
      for try await deliveries in inbox {
        for delivery in deliveries where !delivery.selection.lines.isEmpty { held.add(delivery) }
        add(held.take())
      }
    }
  }

  public func closingWords() async -> [String] {
    var sentences: [String] = []
    for window in closers.keys.sorted() {
      if let sentence = await sentence(of: window) { sentences.append(sentence) }
    }
    return sentences + ["\(name): \(totals.sum) lines counted"]
  }

  /// Lines counted since the sink was made.
  public func total() -> Int { Int(totals.sum) }

  /// What was counted since the sink was made, by pipeline and labels.
  func currentTotals() -> CountTotals { totals }

  private func add(_ rows: [CountRow]) {
    if totals.add(rows) {
      let limit = CountTotals.labelSetsLimit
      log.warning(
        "\(name): more than \(limit) label sets, or long ones: metrics sum up the rest, the store has all")
    }
    guard let every, committer != nil else { return }
    for window in Set(rows.map(\.windowMilliseconds)).sorted() where closers[window] == nil {
      let rest = .milliseconds(window) + every + Self.windowGrace - scheduler.clock.wall
      closers[window] = scheduler.spawn(name: "\(name) window", after: max(Self.windowGrace, rest)) {
        await self.close(window)
      }
    }
  }

  private func close(_ window: Int64) async {
    closers[window] = nil
    if let sentence = await sentence(of: window) { log.info("\(sentence)") }
  }

  /// What the store has of a window; nil if it cannot say, which is logged.
  private func sentence(of window: Int64) async -> String? {
    guard let store = committer?.store else { return nil }
    do {
      let sum = try await store.sum(of: name, window: window)
      let most = try await store.counted(by: name, window: window, limit: Self.loggedLabelSets)
      let labels = most.map { "\($0.labels) \($0.value)" }.joined(separator: ", ")
      return "\(name): window \(sum.window): \(sum.lines) lines in \(sum.labelSets) label sets, most: \(labels)"
    } catch {
      log.warning("\(name): the counts of a window cannot be read: \(error)")
      return nil
    }
  }
}
