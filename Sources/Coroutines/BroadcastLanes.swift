/// The ways of a broadcast to its targets. Owner: the scheduler's thread, but for what is constant.
@usableFromInline final class BroadcastLanes<Value: Sendable>: @unchecked Sendable {
  @usableFromInline typealias Outcome = Broadcast<Value>.Outcome
  @usableFromInline typealias Fault = Broadcast<Value>.Fault

  /// A target with a buffer: a channel, and the routine that carries values from there to the coroutine.
  @usableFromInline struct Buffer {
    @usableFromInline let channel: Channel<Value>
    @usableFromInline let carrier: Routine<Void>
  }

  /// What a lane does with a value.
  @usableFromInline enum Step {
    case done(Result<Void, any Error>)
    case dropped
    /// It stands in line at the coroutine, or is worked on.
    case working(Waiter<Never?>)
    /// It waits for room in the buffer.
    case waiting(Waiter<Void>)

    @inlinable var seat: Seat? {
      switch self {
      case .done, .dropped: nil
      case .working(let waiter): waiter
      case .waiting(let waiter): waiter
      }
    }
  }

  @usableFromInline let scheduler: Scheduler
  @usableFromInline let consumers: [Consumer<Value>]
  @usableFromInline let buffers: [Buffer?]
  @usableFromInline @exclusivity(unchecked) var isApart: [Bool]
  @usableFromInline @exclusivity(unchecked) var isFinished = false

  /// nil for no targets.
  init?(_ targets: [Broadcast<Value>.Target]) {
    guard let scheduler = targets.first?.consumer.rendezvous.scheduler else { return nil }
    precondition(
      targets.allSatisfy { $0.consumer.rendezvous.scheduler === scheduler }, "targets of several schedulers")
    self.scheduler = scheduler
    consumers = targets.map(\.consumer)
    isApart = targets.map { _ in false }
    buffers = targets.map { target -> Buffer? in
      guard case .buffer(let capacity, let overflow) = target.policy else { return nil }
      let consumer = target.consumer
      let channel = Channel<Value>(name: consumer.name, on: scheduler, capacity: capacity, overflow: overflow)
      let carrier = Routine<Void>(core: scheduler.routineTable.make(name: "buffer of \(consumer.name)", on: scheduler))
      carrier.core.ending = ChannelEnd(channel)
      scheduler.start(carrier) {
        do {
          for try await value in channel { try await consumer.send(value) }
        } catch {
          channel.finish()
          throw error
        }
      }
      return Buffer(channel: channel, carrier: carrier)
    }
  }

  @inlinable var indices: Range<Int> { consumers.indices }

  var liveCount: Int {
    scheduler.checkIsolated()
    return isApart.count { !$0 }
  }

  var droppedCounts: [Int] {
    scheduler.checkIsolated()
    return buffers.map { $0?.channel.droppedHere ?? 0 }
  }

  @inlinable func send(
    _ values: [(index: Int, value: Value)], _ timer: Broadcast<Value>.Timer?
  ) async throws -> Outcome {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.send(values, timer) } }
    try Task.checkCancellation()
    if isFinished { throw CoroutineError.ended(name: "broadcast") }
    let steps = give(values, timer)
    let seats = steps.compactMap(\.step.seat)
    var outcome = Outcome()
    for (index, step) in steps {
      do {
        if case .dropped = step {
          outcome.dropped.append(index)
        } else {
          try await settle(step, of: index, among: seats)
          outcome.takers.append(index)
        }
      } catch is CancellationError where Task.isCancelled {
        outcome.missed.append(index)
      } catch {
        isApart[index] = hasEnded(index)
        outcome.faults.append(Fault(index: index, error: failure(of: index) ?? error))
      }
    }
    if outcome.takers.isEmpty, outcome.faults.isEmpty, outcome.dropped.isEmpty, !outcome.missed.isEmpty {
      throw CancellationError()
    }
    return outcome
  }

  /// Gives each lane its value, without waiting.
  @inlinable func give(
    _ values: [(index: Int, value: Value)], _ timer: Broadcast<Value>.Timer?
  ) -> [(index: Int, step: Step)] {
    let start = timer == nil ? .zero : scheduler.clock.now
    return values.compactMap { index, value in
      guard !isApart[index] else { return nil }
      let step = give(value, to: index)
      if let timer {
        let stop = { [scheduler] in timer(index, scheduler.clock.now - start) }
        switch step {
        case .working(let waiter): waiter.onAnswer = stop
        case .waiting(let waiter): waiter.onAnswer = stop
        case .done, .dropped: stop()
        }
      }
      return (index, step)
    }
  }

  @inlinable func give(_ value: Value, to index: Int) -> Step {
    guard let buffer = buffers[index] else {
      switch consumers[index].rendezvous.post(.value(value)) {
      case .answered(let answer): return .done(answer.map { _ in })
      case .pending(let waiter): return .working(waiter)
      }
    }
    do {
      switch try buffer.channel.post(value) {
      case .done: return .done(.success(()))
      case .dropped: return .dropped
      case .pending(let waiter): return .waiting(waiter)
      }
    } catch {
      return .done(.failure(failure(of: index) ?? error))
    }
  }

  /// Waits for one; a cancellation is told to all.
  @inlinable func settle(_ step: Step, of place: Int, among seats: [Seat]) async throws {
    switch step {
    case .done(let result): try result.get()
    case .dropped: return
    case .working(let waiter):
      waiter.companions = seats
      defer { waiter.companions = [] }
      _ = try await waiter.value(.sending, from: consumers[place].rendezvous.servers)
    case .waiting(let waiter):
      waiter.companions = seats
      defer { waiter.companions = [] }
      try await waiter.value(.sending, from: carriers(of: place))
    }
  }

  /// Who makes room in the target's buffer.
  @usableFromInline func carriers(of index: Int) -> [RoutineCore] { buffers[index].map { [$0.carrier.core] } ?? [] }

  @usableFromInline func hasEnded(_ index: Int) -> Bool {
    if case .ended = consumers[index].rendezvous.stand { return true }
    return buffers[index]?.carrier.result != nil
  }

  /// How the routine failed that carries values from the target's buffer.
  @usableFromInline func failure(of index: Int) -> (any Error)? { buffers[index]?.carrier.result?.failure }

  func finish() {
    isFinished = true
    for buffer in buffers { buffer?.channel.finish() }
  }

  func close() async throws -> [Fault] {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.close() } }
    finish()
    var faults: [Fault] = []
    for (index, buffer) in buffers.enumerated() {
      guard let buffer else { continue }
      _ = try await buffer.carrier.core.exit(by: nil)
      guard let error = failure(of: index), !isApart[index] else { continue }
      isApart[index] = true
      faults.append(Fault(index: index, error: error))
    }
    return faults
  }
}

/// How a carrier is told to end: nothing more comes, and what is in its channel is still carried.
private final class ChannelEnd<Element: Sendable>: Seat, @unchecked Sendable {
  private let channel: Channel<Element>
  init(_ channel: Channel<Element>) { self.channel = channel }
  override func end() { channel.finish() }
}
