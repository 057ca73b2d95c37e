/// Where a suspended task's job is kept until someone resumes it: what a task waits in is one.
///
/// Owner: the scheduler's thread.
@usableFromInline class Seat: @unchecked Sendable {
  @usableFromInline @exclusivity(unchecked) var job: UnownedJob?

  @usableFromInline init() {}

  /// Lets the one who waits go on with a `CancellationError`, if what it waits for has not begun.
  @usableFromInline func interrupt() {}

  /// Tells the one who waits to end in an orderly way.
  @usableFromInline func end() {}
}

/// Where tasks stand while they wait for each other: an actor whose executor keeps what it is given.
///
/// To call ``stop()`` is to be suspended: the runtime gives the caller's job to this executor, which puts it into the
/// seat that the caller named, and it runs again when the scheduler runs it. A continuation would do the same, at
/// twice the cost: it keeps a record in its task, and the runtime looks up the task's executor when it resumes.
///
/// Owner: the scheduler's thread. One serves all tasks, since nothing runs between naming the seat and being put there.
@usableFromInline actor Parking: SerialExecutor {
  @usableFromInline @exclusivity(unchecked) nonisolated(unsafe) final var landing: Unmanaged<Seat>?
  @exclusivity(unchecked) private var stops = 0

  @usableFromInline nonisolated var unownedExecutor: UnownedSerialExecutor { asUnownedSerialExecutor() }

  @usableFromInline nonisolated func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  @usableFromInline nonisolated func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    landing!._withUnsafeGuaranteedRef { $0.job = job }
    landing = nil
  }

  @usableFromInline nonisolated func isIsolatingCurrentContext() -> Bool? { true }
  @usableFromInline nonisolated func checkIsolated() {}

  /// Suspends the caller. It counts, because the compiler removes a call to an actor that touches nothing of it.
  @usableFromInline func stop() { stops &+= 1 }
}

/// Where routines are isolated: an actor on the scheduler. So a body, what it awaits, and the actors on the same
/// scheduler all have one executor, and no call between them goes through the ready queue.
@usableFromInline actor Home {
  /// The scheduler's; set once, before anyone comes here.
  @exclusivity(unchecked) nonisolated(unsafe) var executor: UnownedSerialExecutor?
  @usableFromInline nonisolated var unownedExecutor: UnownedSerialExecutor { executor! }
  @exclusivity(unchecked) private var visits = 0

  /// Runs `body` here. It counts, because the compiler removes the way to an actor that touches nothing of it, and the
  /// body would stay where the caller is.
  @usableFromInline func perform<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    visits &+= 1
    return try await body()
  }

  /// Runs a routine's `body` here, to its end.
  func host(_ body: @Sendable () async -> Void) async {
    visits &+= 1
    await body()
  }
}
