/// A program that failed in an order that a seed drew.
public struct SeedFailure: Error, CustomStringConvertible {
  /// The seed; the same one draws the same order again.
  public let seed: UInt64
  /// What the program threw.
  public let cause: any Error

  /// The seed, the cause, and the call that replays it.
  public var description: String {
    "seed \(seed): \(cause)\nreplay it with Scheduler.explore(seeds: [\(seed)]) { ... }"
  }
}

/// Nothing can happen any more: every routine waits, and none for a time or a descriptor.
public struct Standstill: Error, CustomStringConvertible {
  /// The routines, and what each waits in.
  public let routines: [RoutineStatus]

  /// Each routine that is left, and what it waits in.
  public var description: String {
    "nothing can happen any more: " + routines.map { "\($0.name) is \($0.state)" }.joined(separator: ", ")
  }
}

extension Scheduler {
  /// Runs `program` once for each seed, on a scheduler of its own with a ``VirtualClock``: each seed is an order in
  /// which what is ready has its turn, and the same order each time.
  ///
  /// The program has to be one of coroutines alone: what other threads do is not drawn by a seed, and a program that
  /// waits for them is taken for a ``Standstill``.
  ///
  /// - Throws: ``SeedFailure`` for the first seed with which the program throws, or comes to a standstill.
  public static func explore(
    seeds: some Sequence<UInt64>, _ program: @escaping @Sendable (Scheduler) async throws -> Void
  ) throws {
    for seed in seeds {
      let scheduler = Scheduler(clock: VirtualClock(), seed: seed, isAlone: true)
      do { try scheduler.runAlone { try await program(scheduler) } } catch {
        throw SeedFailure(seed: seed, cause: error)
      }
    }
  }
}
