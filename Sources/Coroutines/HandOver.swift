/// A job that is run on top of the caller's, and whose turn it is to answer.
struct HandOver {
  /// The task that waits below.
  let sender: UnsafeRawPointer?
  /// The routine that runs on top of it.
  let receiver: Unmanaged<RoutineCore>
}

/// The jobs that stand on top of each other now, the uppermost last. Room for all of them is made once.
struct HandOvers: ~Copyable {
  private(set) var count = 0
  private let entries = UnsafeMutablePointer<HandOver>.allocate(capacity: Scheduler.maxHandOverDepth)

  deinit { entries.deallocate() }

  mutating func push(_ entry: HandOver) {
    (entries + count).initialize(to: entry)
    count += 1
  }

  mutating func pop() { count -= 1 }

  /// The routines that run on top of `task`.
  func receivers(on task: UnsafeRawPointer?) -> [RoutineCore] {
    (0..<count).compactMap { index in
      entries[index].sender == task && task != nil ? entries[index].receiver.takeUnretainedValue() : nil
    }
  }
}

extension Scheduler {
  /// How many jobs may stand on top of each other, at most: a bound on the thread's stack.
  static let maxHandOverDepth = 64

  /// Whether a waiting receiver may be run at once, on top of its sender.
  ///
  /// Not with a seed: there the order of everything is the seed's. Not past the tick's number of jobs: a pair that
  /// sends without end would starve timers and everyone else.
  @usableFromInline var mayHandOver: Bool {
    turn.budget > 0 && turn.handOvers.count < Self.maxHandOverDepth && !turn.ready.isSeeded
  }

  /// Runs the job of a waiting `receiver` now, and returns when it waits again, or ends, or waits elsewhere.
  ///
  /// This is what makes a send cheap: the sender is not suspended, and nothing goes through the ready queue. Measured
  /// by the benchmark in Tests/Benchmarks: about a third of the cost of two trips through the queue.
  @usableFromInline func handOver(_ job: UnownedJob, from sender: UnsafeRawPointer?, to receiver: RoutineCore) {
    turn.budget -= 1
    turn.handOvers.push(HandOver(sender: sender, receiver: .passUnretained(receiver)))
    job.runSynchronously(isolatedTo: executors.serial, taskExecutor: executors.task)
    turn.handOvers.pop()
  }
}
