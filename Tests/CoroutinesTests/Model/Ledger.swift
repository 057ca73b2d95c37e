import Coroutines

/// What a random program did, and the rules that it has to keep: the model.
///
/// 1. What was reported as taken was taken once by that target; nothing is ever taken twice.
/// 2. What was reported as not taken was not.
/// 3. An echo's answer is the answer to what was sent with it.
/// 4. Every body that began is cleaned up once.
/// 5. What a generator yielded and was asked to go on after was got, once, and in order.
///
/// Used on one thread.
final class Ledger: @unchecked Sendable {
  struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
  struct Broken: Error {}
  struct ThrownIn: Error { let id: Int }

  enum Verdict { case taken, notTaken, either }
  struct Place: Hashable {
    let id: Int
    let target: String
  }

  private var lastID = 0
  private var taken: [Place: Int] = [:]
  var verdicts: [Place: Verdict] = [:]
  /// For each generator, what it yielded and was resumed after, and what was got of it.
  var yielded: [String: [Int]] = [:]
  var got: [String: [Int]] = [:]
  private var begun: Set<String> = []
  private var cleanups: [String: Int] = [:]
  private var cancelledBodies: Set<String> = []
  private var cancelledActors: Set<Int> = []
  private(set) var rings = 0
  private var spawned: [Routine<Void>] = []

  func noteTaken(_ id: Int, by target: String) { taken[Place(id: id, target: target), default: 0] += 1 }
  func noteBegun(_ name: String) { begun.insert(name) }
  func noteCleanup(_ name: String) { cleanups[name, default: 0] += 1 }
  var hasCancelledActors: Bool { !cancelledActors.isEmpty }
  func noteCancelled(_ actor: Int) { cancelledActors.insert(actor) }

  func cancel(_ consumer: Consumer<Int>) {
    cancelledBodies.insert(consumer.name)
    consumer.cancel()
  }

  func mayEnd(_ name: String, with error: any Error) -> Bool {
    switch error {
    case is Broken, is ThrownIn: true
    case CoroutineError.cancelled(let cancelled): cancelled == name && cancelledBodies.contains(name)
    default: false
    }
  }

  func send(to consumer: Consumer<Int>, by actor: Int) async throws {
    let place = next(consumer.name)
    try await note(place, by: actor) { try await consumer.send(place.id) }
  }

  /// What a body sends on. That would close a ring, or be a send to itself, is an error, and then it was not taken.
  func forward(to consumer: Consumer<Int>) async throws {
    let place = next(consumer.name)
    verdicts[place] = .either
    do {
      try await consumer.send(place.id)
      verdicts[place] = .taken
    } catch CoroutineError.ended {
      verdicts[place] = .notTaken
    } catch CoroutineError.cycle {
      verdicts[place] = .notTaken
      rings += 1
    } catch CoroutineError.usedByItself {
      verdicts[place] = .notTaken
    } catch CoroutineError.cancelled(let name) where cancelledBodies.contains(name) {
      return
    } catch is Broken {
      return
    } catch is ThrownIn {
      return
    }
  }

  func spawnSender(to consumer: Consumer<Int>, on scheduler: Scheduler, by actor: Int) async throws {
    let place = next(consumer.name)
    spawned.append(
      scheduler.spawn(name: "sender of \(place.id)") {
        try await self.note(place, by: -1) { try await consumer.send(place.id) }
      })
    await Task.yield()
  }

  func ask(_ echo: Coroutine<Int, Int, Void>, by actor: Int) async throws {
    let place = next(echo.name)
    do {
      try await note(place, by: actor) {
        guard try await echo.send(place.id) == place.id * 2 else { throw Violation("the answer is another's") }
      }
    } catch CoroutineError.notAsked {
      verdicts[place] = .notTaken
      _ = try await allowCancellation(of: actor) { try await echo.next() }
    }
  }

  func throwIn(_ consumer: Consumer<Int>, by actor: Int) async throws {
    let place = next(consumer.name)
    do {
      try await note(place, by: actor) { try await consumer.throw(ThrownIn(id: place.id)) }
    } catch let error as ThrownIn where error.id == place.id {
      verdicts[place] = .either  // the body let it through, or had ended before
    }
  }

  func send(to broadcast: Broadcast<Int>, _ consumers: [Consumer<Int>], by actor: Int) async throws {
    lastID += 1
    let id = lastID
    for consumer in consumers { verdicts[Place(id: id, target: consumer.name)] = .either }
    _ = try await allowCancellation(of: actor) {
      let outcome = try await broadcast.send(id)
      for index in outcome.takers { self.verdicts[Place(id: id, target: consumers[index].name)] = .taken }
    }
  }

  func close(_ consumer: Consumer<Int>, by actor: Int) async throws {
    do {
      _ = try await allowCancellation(of: actor) { try await consumer.close() }
    } catch {
      guard mayEnd(consumer.name, with: error) else { throw error }
    }
  }

  /// Does what an actor does with one target, and notes what it was told.
  func note(_ place: Place, by actor: Int, _ body: () async throws -> Void) async throws {
    verdicts[place] = .either
    do {
      try await body()
      verdicts[place] = .taken
    } catch CoroutineError.ended {
      verdicts[place] = .notTaken
    } catch let error as CancellationError {
      guard cancelledActors.contains(actor) else { throw Violation("\(place): cancelled, and nobody cancelled it") }
      verdicts[place] = .notTaken
      throw error
    } catch is Broken {
      return
    } catch let error as ThrownIn where error.id != place.id {
      return
    } catch CoroutineError.cancelled(let name) where cancelledBodies.contains(name) {
      return
    }
  }

  func allowCancellation<Value>(of actor: Int, _ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as CancellationError {
      guard cancelledActors.contains(actor) else { throw Violation("cancelled, and nobody cancelled it") }
      throw error
    }
  }

  func next(_ target: String) -> Place {
    lastID += 1
    return Place(id: lastID, target: target)
  }

  /// An actor ends without an error, unless it was cancelled.
  func checkEnd(of actor: Int, _ routine: Routine<Void>) throws {
    guard case .failure(let error)? = routine.result else { return }
    guard error is CancellationError, cancelledActors.contains(actor) else { throw error }
  }

  /// Waits for the senders that were left to themselves.
  func join() async throws { for routine in spawned { try await routine.value } }

  /// Holds what happened against the rules, once everything has ended.
  func check(names: [String]) throws {
    for (place, count) in taken where count > 1 { throw Violation("\(place) was taken \(count) times") }
    for (place, verdict) in verdicts {
      switch (verdict, taken[place] ?? 0) {
      case (.taken, 0): throw Violation("\(place) was reported as taken, and was not")
      case (.notTaken, 1...): throw Violation("\(place) was taken, and reported as not taken")
      default: continue
      }
    }
    for place in taken.keys where verdicts[place] == nil { throw Violation("\(place) came from nowhere") }
    for name in begun where cleanups[name] != 1 {
      throw Violation("\(name) was cleaned up \(cleanups[name] ?? 0) times")
    }
    try checkGenerators()
    guard names == ["main"] else { throw Violation("still there: \(names)") }
  }
}
