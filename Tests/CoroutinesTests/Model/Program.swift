import Coroutines

/// A random program of coroutines: a few consumers and echoes, and routines that do random things to them.
///
/// Everything it does is drawn from the seed, and so is the order, by the scheduler. What happened goes to a
/// ``Ledger``.
struct Program: Sendable {
  let seed: UInt64

  /// Runs it to its end and holds the ledger against the rules.
  func run(on scheduler: Scheduler) async throws {
    let ledger = Ledger()
    let dice = Dice(seed: seed)
    let peers = Box<[Consumer<Int>]>()
    let consumers = (0..<dice.roll(2...5)).map { consumer($0, on: scheduler, peers, ledger, dice) }
    peers.value = consumers
    let echoes = (0..<dice.roll(1...3)).map { echo($0, on: scheduler, ledger, dice) }
    let broadcast = Broadcast(to: consumers)
    let channels = (0...2).map { Channel<Int>(name: "channel \($0)", on: scheduler, capacity: $0) }
    let feed = ledger.feed("feed", on: scheduler, depth: 0, dice)
    let group = RoutineGroup(on: scheduler)
    var actors: [Routine<Void>] = []
    for actor in 0..<dice.roll(3...8) {
      let steps = dice.roll(3...15)
      let routine = group.spawn(name: "actor \(actor)") {
        for _ in 0..<steps {
          if dice.chance(0.8) {
            try await step(of: actor, on: scheduler, consumers, echoes, broadcast, ledger, dice)
          } else {
            try await queueStep(of: actor, on: scheduler, channels, feed, ledger, dice)
          }
        }
      }
      actors.append(routine)
      if dice.chance(0.2) {
        group.spawn(name: "axe \(actor)") {
          try await scheduler.sleep(for: .milliseconds(dice.roll(0...50)))
          ledger.noteCancelled(actor)
          routine.cancel()
        }
      }
    }
    group.spawn(name: "drains") {
      while group.routines.contains(where: { $0.name.hasPrefix("actor") }) {
        for channel in channels {
          try await ledger.receive(from: channel, on: scheduler, patience: .milliseconds(1))
        }
      }
    }
    try await group.join()
    for channel in channels { try await ledger.drain(channel) }
    try await ledger.close(feed)
    for (actor, routine) in actors.enumerated() { try ledger.checkEnd(of: actor, routine) }
    for consumer in consumers { try await end(consumer, ledger) }
    peers.value = nil
    for echo in echoes { try await end(echo, ledger) }
    try await ledger.join()
    try ledger.check(names: scheduler.routines.map(\.name))
  }

  /// One thing that an actor does. What fails in a way that the rules allow is noted; anything else is thrown.
  private func step(
    of actor: Int, on scheduler: Scheduler, _ consumers: [Consumer<Int>], _ echoes: [Coroutine<Int, Int, Void>],
    _ broadcast: Broadcast<Int>, _ ledger: Ledger, _ dice: Dice
  ) async throws {
    let consumer = dice.pick(consumers)
    let echo = dice.pick(echoes)
    switch dice.roll(0...99) {
    case 0..<40: try await ledger.send(to: consumer, by: actor)
    case 40..<60: try await ledger.ask(echo, by: actor)
    case 60..<70: try await ledger.throwIn(consumer, by: actor)
    case 70..<80: try await ledger.send(to: broadcast, consumers, by: actor)
    case 80..<82: try await ledger.close(consumer, by: actor)
    case 82..<83: ledger.cancel(consumer)
    case 83..<90: try await scheduler.sleep(for: .milliseconds(dice.roll(0...20)))
    case 90..<93: try await ledger.spawnSender(to: consumer, on: scheduler, by: actor)
    default: await Task.yield()
    }
  }

  /// The same with a channel or a generator.
  private func queueStep(
    of actor: Int, on scheduler: Scheduler, _ channels: [Channel<Int>], _ feed: Generator<Int>, _ ledger: Ledger,
    _ dice: Dice
  ) async throws {
    let channel = dice.pick(channels)
    switch dice.roll(0...9) {
    case 0..<3: try await ledger.send(into: channel, by: actor)
    case 3..<5: try await ledger.receive(from: channel, on: scheduler, patience: .milliseconds(dice.roll(0...3)))
    default: try await ledger.pull(from: feed, by: actor)
    }
  }

  /// Some consumers send on to others, and so make rings now and then.
  private func consumer(
    _ index: Int, on scheduler: Scheduler, _ peers: Box<[Consumer<Int>]>, _ ledger: Ledger, _ dice: Dice
  ) -> Consumer<Int> {
    let name = "consumer \(index)"
    let isFragile = dice.chance(0.1)
    return Consumer(name: name, on: scheduler) { inbox in
      ledger.noteBegun(name)
      defer { ledger.noteCleanup(name) }
      while true {
        do {
          guard let id = try await inbox.next() else { return }
          ledger.noteTaken(id, by: name)
          if isFragile, dice.chance(0.1) { throw Ledger.Broken() }
          if dice.chance(0.3) { try await scheduler.sleep(for: .milliseconds(dice.roll(0...10))) }
          if dice.chance(0.2) { await Task.yield() }
          if dice.chance(0.1), let peers = peers.value { try await ledger.forward(to: dice.pick(peers)) }
        } catch let error as Ledger.ThrownIn {
          ledger.noteTaken(error.id, by: name)
          if dice.chance(0.1) { throw error }
        }
      }
    }
  }

  private func echo(
    _ index: Int, on scheduler: Scheduler, _ ledger: Ledger, _ dice: Dice
  ) -> Coroutine<Int, Int, Void> {
    let name = "echo \(index)"
    return Coroutine(name: name, on: scheduler) { exchange in
      ledger.noteBegun(name)
      defer { ledger.noteCleanup(name) }
      var answer = -1
      while true {
        let id = try await exchange.yield(answer)
        if let id { ledger.noteTaken(id, by: name) }
        if dice.chance(0.2) { try await scheduler.sleep(for: .milliseconds(dice.roll(0...10))) }
        answer = id.map { $0 * 2 } ?? -1
      }
    }
  }

  private func end<Output, Return>(_ coroutine: Coroutine<Int, Output, Return>, _ ledger: Ledger) async throws {
    do {
      try await coroutine.close()
      try await coroutine.close()
    } catch {
      guard ledger.mayEnd(coroutine.name, with: error) else { throw error }
    }
    guard coroutine.hasEnded else { throw Ledger.Violation("\(coroutine.name) was closed and has not ended") }
  }
}

/// A source of chance that gives the same each time; used on one thread.
final class Dice: @unchecked Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  func roll(_ range: ClosedRange<Int>) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return range.lowerBound + Int(state % UInt64(range.count))
  }

  func pick<Element>(_ elements: [Element]) -> Element { elements[roll(0...elements.count - 1)] }

  func chance(_ probability: Double) -> Bool { Double(roll(0...9_999)) < probability * 10_000 }
}
