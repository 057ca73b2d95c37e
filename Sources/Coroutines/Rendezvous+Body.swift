import DequeModule

// The body's side. What it does at once is decided by plain functions; only `ask` and `yield` suspend, and each does so
// in one place, since every async function on the way is a frame to make and to free in every send.
extension Rendezvous {
  /// What the body does next.
  @usableFromInline enum Step {
    /// It goes on with a letter.
    case take(Letter)
    /// It goes on without one: the end for who asks, the exit for who yields.
    case exit
    case fail(any Error)
    /// It waits.
    case park
    /// Anything that is rare.
    case slowly
  }

  /// The body asks for a value, and so has done with the last: whoever sent that goes on.
  ///
  /// - Returns: nil once the coroutine is closed and everything sent before was taken.
  @inlinable @inline(__always) func ask() async throws -> Input? {
    switch nextStep(of: currentTask()) {
    case .take(let letter): return try open(letter)
    case .exit: return nil
    case .fail(let error): throw error
    case .slowly: return try await askSlowly()
    case .park: break
    }
    park(as: .asking)
    await scheduler.parking.stop()
    guard let letter = unpark() else { return nil }
    return try open(letter)
  }

  /// The body gives `output` to whoever resumed it, and waits to be resumed.
  ///
  /// - Returns: what it was sent; nil when it was resumed without a value.
  @inlinable @inline(__always) func yield(_ output: Output) async throws -> Input? {
    switch nextStep(of: currentTask(), giving: output) {
    case .take(let letter): return try open(letter)
    case .exit: throw CoroutineExit()
    case .fail(let error): throw error
    case .slowly: return try await yieldSlowly(output)
    case .park: break
    }
    park(as: .yielding)
    await scheduler.parking.stop()
    guard let letter = unpark() else { throw CoroutineExit() }
    return try open(letter)
  }

  @inlinable func nextStep(of task: UnsafeRawPointer?) -> Step {
    guard let task, task == routine.task, scheduler.isOnThread else { return .slowly }
    return nextStep(isCancelled: isCancelled(task))
  }

  @inlinable func nextStep(isCancelled: Bool) -> Step {
    if isCancelled { return .fail(CancellationError()) }
    answerServed(.success(nil))
    if line.isEmpty, !isClosing { return .park }
    return nextLetter()
  }

  @inlinable func nextStep(of task: UnsafeRawPointer?, giving output: Output) -> Step {
    guard let task, task == routine.task, scheduler.isOnThread else { return .slowly }
    return nextStep(isCancelled: isCancelled(task), giving: output)
  }

  @inlinable func nextStep(isCancelled: Bool, giving output: Output) -> Step {
    if isCancelled { return .fail(CancellationError()) }
    if isClosing { return line.isEmpty && exits > 0 ? .slowly : nextLetter(giving: output) }
    if case .nobody = served { unclaimed = output } else { answerServed(.success(output)) }
    return line.isEmpty ? .park : nextLetter(giving: nil)
  }

  /// The line is not empty, or the coroutine is being closed, and the body asks.
  @usableFromInline func nextLetter() -> Step {
    while let (letter, sender) = line.popFirst() {
      if case .resume = letter { sender.answer(.success(nil)) } else { return take(letter, from: sender) }
    }
    if !isClosing { return .park }
    exits += 1
    return exits > 1 ? .slowly : .exit
  }

  /// The line is not empty, or the coroutine is being closed, and the body has yielded.
  @usableFromInline func nextLetter(giving output: Output?) -> Step {
    if let output {
      if case .nobody = served { unclaimed = output } else { answerServed(.success(output)) }
    }
    while let (letter, sender) = line.popFirst() {
      guard unclaimed != nil else { return take(letter, from: sender) }
      switch letter {
      case .resume: sender.answer(.success(unclaimed.take()))
      case .value: sender.answer(.failure(CoroutineError.notAsked(name: routine.name)))
      case .error:
        unclaimed = nil
        return take(letter, from: sender)
      }
    }
    if !isClosing { return .park }
    unclaimed = nil
    exits += 1
    return .exit
  }

  private func take(_ letter: Letter, from sender: Waiter<Output?>) -> Step {
    sender.withdraw = nil
    served = .waiting(sender)
    return .take(letter)
  }

  @inlinable func open(_ letter: Letter) throws -> Input? {
    switch letter {
    case .value(let value): return value
    case .error(let error): throw error
    case .resume: return nil
    }
  }

  @inlinable func park(as stand: Stand) {
    precondition(job == nil, "two tasks take what one coroutine is sent")
    self.stand = stand
    routine.interruption = self
    routine.state = .receiving
    scheduler.parking.landing = .passUnretained(self)
  }

  /// - Returns: what the body is given; nil to end.
  @inlinable func unpark() -> Letter? {
    routine.state = .running
    routine.interruption = nil
    defer { wakeup = nil }
    if case .letter(let letter)? = wakeup { return letter }
    exits += 1
    return nil
  }

  /// The body takes values that stand in line beside the one that it works on; their senders are answered with its.
  func takeWaiting(atMost maxCount: Int, where isWanted: (Input) -> Bool) -> [Input] {
    guard routine.isCurrent, scheduler.isOnThread, !line.isEmpty else { return [] }
    if case .nobody = served { return [] }
    var values: [Input] = []
    let taken = line.take(atMost: maxCount) { item in
      guard case .value(let value) = item else { return .stop }
      guard isWanted(value) else { return .pass }
      values.append(value)
      return .take
    }
    for place in taken {
      place.waiter.withdraw = nil
      alsoServed.append(place.waiter)
    }
    return values
  }

  /// The body has returned or thrown: whoever it served is told how, whoever stands in line was not taken.
  func finish(_ error: (any Error)?) {
    stand = .ended
    failure =
      switch error {
      case is CoroutineExit where isClosing: nil
      case is CancellationError where routine.isCancelled: CoroutineError.cancelled(name: routine.name)
      default: error
      }
    unclaimed = nil
    if case .nobody = served, closers.isEmpty, line.isEmpty { untold = failure }
    if case .nobody = served, let first = line.first(), case .resume = first.item {
      _ = line.popFirst()
      served = .waiting(first.waiter)  // it asked for the first value, before the body could yield one
    }
    answerServed(failure.map { .failure($0) } ?? .success(nil))
    while let (letter, sender) = line.popFirst() { sender.answer(refusal(of: letter)) }
    for closer in closers { closer.answer(failure.map { .failure($0) } ?? .success(())) }
    closers = []
  }
}

// What is rare: a child task, a stranger, or the body in an actor on another thread that takes the letters; and a body
// that does not end when it is told to.
extension Rendezvous {
  @usableFromInline func askSlowly() async throws -> Input? {
    if routine.isCurrent, scheduler.isOnThread { return try await insist(.asking) }
    return try await takeElsewhere(.asking) { self.nextStep(isCancelled: Task.isCancelled) }
  }

  @usableFromInline func yieldSlowly(_ output: Output) async throws -> Input? {
    if routine.isCurrent, scheduler.isOnThread { return try await insist(.yielding) }
    return try await takeElsewhere(.yielding) { self.nextStep(isCancelled: Task.isCancelled, giving: output) }
  }

  /// The body was told to end and goes on: who asks gets nil again, who yields is told of its mistake, and so are those
  /// who closed it. In turns, so that a loop without end starves nobody.
  private func insist(_ stand: Stand) async throws -> Input? {
    answerServed(.success(nil))
    await Task.yield()
    if stand == .asking { return nil }
    let mistake = CoroutineError.yieldedWhileClosing(name: routine.name)
    for closer in closers { closer.answer(.failure(mistake)) }
    closers = []
    throw mistake
  }

  /// Takes letters in a task that is not the routine's: the scheduler learns of its cancellation by a handler.
  private func takeElsewhere(_ stand: Stand, _ step: @escaping @Sendable () -> Step) async throws -> Input? {
    try await withTaskCancellationHandler {
      try await scheduler.visit {
        self.isServedByRoutine = false
        switch step() {
        case .take(let letter): return try self.open(letter)
        case .exit: return try self.exit(stand)
        case .fail(let error): throw error
        case .slowly: return try await self.insist(stand)
        case .park: break
        }
        self.park(as: stand)
        await self.scheduler.parking.stop()
        guard let letter = self.unpark() else { return try self.exit(stand) }
        return try self.open(letter)
      }
    } onCancel: {
      scheduler.call { self.interrupt() }
    }
  }

  private func exit(_ stand: Stand) throws -> Input? {
    if stand == .yielding { throw CoroutineExit() }
    return nil
  }
}
