import Coroutines

/// What a random program does with channels and generators.
extension Ledger {
  func send(into channel: Channel<Int>, by actor: Int) async throws {
    let place = next(channel.name)
    try await note(place, by: actor) { try await channel.send(place.id) }
  }

  /// Receives one element, but not at any price: who waits is cancelled after a while, and may have it all the same.
  func receive(from channel: Channel<Int>, on scheduler: Scheduler, patience: Duration) async throws {
    let receiver = scheduler.spawn(name: "receiver of \(channel.name)") {
      if let id = try await channel.next() { self.noteTaken(id, by: channel.name) }
    }
    do { try await scheduler.sleep(for: patience) } catch is CancellationError {}
    receiver.cancel()
    if case .failure(let error) = await receiver.outcome, !(error is CancellationError) { throw error }
    try Task.checkCancellation()
  }

  /// Receives what is left.
  func drain(_ channel: Channel<Int>) async throws {
    channel.finish()
    while let id = try await channel.next() { noteTaken(id, by: channel.name) }
  }

  /// The body of a generator without end, which now and then delegates to one that ends.
  func feed(_ name: String, on scheduler: Scheduler, depth: Int, _ dice: Dice) -> Generator<Int> {
    let body = "\(name) at \(depth).\(dice.roll(0...1_000_000))"
    return Generator(name: name, on: scheduler) { yield in
      self.noteBegun(body)
      defer { self.noteCleanup(body) }
      repeat {
        let id = self.next(name).id
        try await yield(id)
        self.yielded[name, default: []].append(id)
        if dice.chance(0.2) { try await scheduler.sleep(for: .milliseconds(dice.roll(0...5))) }
        if depth < 3, dice.chance(0.2) {
          try await yield.from(self.feed(name, on: scheduler, depth: depth + 1, dice))
        }
      } while depth == 0 || dice.chance(0.5)
    }
  }

  func pull(from generator: Generator<Int>, by actor: Int) async throws {
    do {
      guard let id = try await allowCancellation(of: actor, { try await generator.next() }) else { return }
      got[generator.name, default: []].append(id)
    } catch {
      guard mayEnd(generator, with: error) else { throw error }
    }
  }

  func close(_ generator: Generator<Int>) async throws {
    do { try await generator.close() } catch { guard mayEnd(generator, with: error) else { throw error } }
  }

  /// A delegate that was cancelled with one who asked is an error for who delegates, and so for the next who asks.
  private func mayEnd(_ generator: Generator<Int>, with error: any Error) -> Bool {
    error as? CoroutineError == .cancelled(name: generator.name) && hasCancelledActors
  }

  func checkGenerators() throws {
    for (name, got) in got {
      guard got == got.sorted(), Set(got).count == got.count else {
        throw Violation("\(name) gave its elements in this order: \(got)")
      }
    }
    for (name, yielded) in yielded {
      let lost = Set(yielded).subtracting(got[name] ?? [])
      guard lost.isEmpty else { throw Violation("\(name) went on after \(lost), which nobody got") }
    }
  }
}
