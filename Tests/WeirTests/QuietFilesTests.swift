import Coroutines
import Synchronization
import SystemPackage
import Testing

@testable import Weir

/// Many files in which nothing happens.
@Suite struct QuietFilesTests {
  /// A sink that keeps what it is given.
  private final class Taker: Sink, SinkRecipe {
    private let kept = Mutex((starts: 0, lines: [String]()))
    var startCount: Int { kept.withLock { $0.starts } }
    var lines: [String] { kept.withLock { $0.lines } }
    var summary: String { "taker" }
    func make(in surroundings: SinkSurroundings) -> any Sink { self }
    func open(for pipelines: [PipelineLabel]) {}
    func checkpoints(of pipelines: [PipelineLabel]) -> [[Checkpoint]]? { nil }
    func receive(_ inbox: Inbox<[Delivery]>) async throws {
      for try await deliveries in inbox {
        for delivery in deliveries {
          kept.withLock { kept in
            if delivery.batch.start == delivery.batch.end { kept.starts += 1 }
            kept.lines += delivery.selection.lines.map { line in
              delivery.batch.withBytes { String(decoding: $0[Int(line.start)..<Int(line.end)], as: UTF8.self) }
            }
          }
        }
      }
    }
  }

  private final class StopSignal: SignalSource {
    let bell: Bell
    init(on scheduler: Scheduler) { bell = Bell(on: scheduler) }
    func next(on scheduler: Scheduler) async throws -> Signals.Request {
      try await bell.wait()
      return .stop
    }
  }

  private static let fileCount = 600

  private func agent(in scratch: Scratch, _ taker: Taker, _ signals: StopSignal, on scheduler: Scheduler) throws
    -> Agent
  {
    var plan = try pipeline([Rule(matches: [Pattern("line")])])
    plan.follow = [FollowPlan(paths: [scratch.path("*.log")], start: .beginning)]
    return Agent(
      plan: Plan(
        database: nil, sinks: [SinkPlan(name: "taker", kind: "taker", recipe: taker)], pipelines: [plan]),
      settings: Agent.Settings(), scheduler: scheduler, signals: signals, machine: Machine())
  }

  private func until(_ scheduler: Scheduler, _ isSo: () -> Bool) async throws {
    let deadline = ContinuousClock().now + .seconds(30)
    while !isSo() {
      guard ContinuousClock().now < deadline else { throw Tail.TooLate() }
      try await scheduler.sleep(for: .milliseconds(1))
    }
  }

  /// A task that waits takes ten kilobytes. What was at rest for long is read as promptly, and stops as any other.
  @Test func haveNoRoutinesAndAreReadForAllThat() throws {
    let scratch = Scratch()
    for number in 0..<Self.fileCount { scratch.append("line 1 of \(number)\n", to: "\(number).log") }
    let (taker, scheduler) = (Taker(), Scheduler())
    let signals = StopSignal(on: scheduler)
    let agent = try agent(in: scratch, taker, signals, on: scheduler)
    try scheduler.run { [self] in
      let running = scheduler.spawn(name: "agent") { await agent.run() }
      try await until(scheduler) { taker.lines.count == Self.fileCount }
      try await until(scheduler) { scheduler.routines.count < WaitingFiles.limit + 20 }
      for number in 0..<Self.fileCount { scratch.append("line 2 of \(number)\n", to: "\(number).log") }
      try await until(scheduler) { taker.lines.count == 2 * Self.fileCount }
      try await until(scheduler) { scheduler.routines.count < WaitingFiles.limit + 20 }
      signals.bell.ring()
      #expect(try await running.value == 0)
    }
    #expect(taker.startCount >= Self.fileCount)
    #expect(Set(taker.lines).count == 2 * Self.fileCount && taker.lines.count == 2 * Self.fileCount)
  }
}

/// Who waits for files of which all was read.
@Suite struct WaitingFilesTests {
  /// However many are rung at the same time, as all are where files are looked at by a timer.
  @Test func areSoManyAtMost() throws {
    try run { scheduler, waiting in
      let bells = (0..<500).map { _ in Bell(on: scheduler) }
      for bell in bells { Self.wait(at: bell, among: waiting, on: scheduler) }
      for _ in 0..<3 {
        try await Self.expectFew(waiting, on: scheduler, all: bells)
        for bell in bells.reversed() { bell.ring() }
      }
    }
  }

  /// Those who have waited longest have heard their bells, and others come before it is their turn.
  @Test func areSoManyAtMostWhereTheOldestAreAboutToGoOn() throws {
    try run { scheduler, waiting in
      func makeBells() -> [Bell] { (0..<WaitingFiles.limit).map { _ in Bell(on: scheduler) } }
      let (oldest, others, starts) = (makeBells(), makeBells(), makeBells())
      for bell in oldest { Self.wait(at: bell, among: waiting, on: scheduler) }
      for (bell, start) in zip(others, starts) {
        scheduler.spawn(name: "other") {
          try await start.wait()
          while try await !waiting.wait(at: bell) {}
          bell.whenRung { Self.wait(at: bell, among: waiting, on: scheduler) }
        }
      }
      try await scheduler.sleep(for: .seconds(1))
      #expect(waiting.count == WaitingFiles.limit)
      for bell in starts + oldest { bell.ring() }
      try await Self.expectFew(waiting, on: scheduler, all: oldest + others)
    }
  }

  private func run(_ body: @escaping @Sendable (Scheduler, WaitingFiles) async throws -> Void) throws {
    let scheduler = Scheduler(clock: VirtualClock())
    try scheduler.run { try await body(scheduler, WaitingFiles()) }
  }

  /// As a file does that has nothing to be read.
  private static func wait(at bell: Bell, among waiting: WaitingFiles, on scheduler: Scheduler) {
    scheduler.spawn(name: "waiting") {
      while try await !waiting.wait(at: bell) {}
      bell.whenRung { wait(at: bell, among: waiting, on: scheduler) }
    }
  }

  private static func expectFew(_ waiting: WaitingFiles, on scheduler: Scheduler, all bells: [Bell]) async throws {
    try await scheduler.sleep(for: .seconds(1))
    #expect(waiting.count == WaitingFiles.limit)
    #expect(scheduler.routines.count == WaitingFiles.limit + 1)
    let areHeard = bells.allSatisfy { $0.isAwaited }
    #expect(areHeard)
  }
}

@Suite struct UseOrderTests {
  @Test func isInTheOrderOfUseAndUsesPlacesAgain() {
    var order = UseOrder<String>()
    let places = ["a", "b", "c"].map { order.append($0) }
    #expect(order.oldest.map { order[$0] } == "a" && order.count == 3)
    order.remove(places[1])
    order.remove(places[0])
    #expect(order.oldest.map { order[$0] } == "c")
    let again = [order.append("d"), order.append("e")]
    #expect(Set(again) == Set(places[0...1]), "no memory beside what is there already")
    order.remove(places[2])
    #expect(order.oldest.map { order[$0] } == "d")
    order.remove(again[0])
    order.remove(again[1])
    #expect(order.oldest == nil && order.count == 0)
  }
}
