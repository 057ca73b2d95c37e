extension Rendezvous {
  /// What became of a letter at once.
  @usableFromInline enum Posted {
    case answered(Answer)
    case pending(Waiter<Output?>)
  }

  /// Gives `letter` to the body and returns its answer: what it yields next, or nil.
  ///
  /// - Throws: see ``Coroutine/send(_:)``.
  @inlinable func exchange(_ letter: Letter) async throws -> Output? {
    guard scheduler.isOnThread else {
      return try await scheduler.visit { try await self.exchange(letter) }
    }
    switch post(letter) {
    case .answered(let answer): return try answer.get()
    case .pending(let sender): return try await sender.value(.sending, from: servers)
    }
  }

  /// The routines without which nothing that is sent here is answered.
  @usableFromInline var servers: [RoutineCore] { isServedByRoutine ? [routine] : [] }

  /// Gives `letter` to the body, at once where the body waits, and else puts it in line.
  @inlinable func post(_ letter: Letter) -> Posted {
    let sender = currentTask()
    if let sender {
      if sender == routine.task { return .answered(.failure(CoroutineError.usedByItself(name: routine.name))) }
      if isCancelled(sender) { return .answered(.failure(CancellationError())) }
    }
    switch stand {
    case .running: return isClosing ? .answered(refusal(of: letter)) : .pending(lineUp(letter))
    case .ended: return .answered(refusal(of: letter))
    case .asking: if case .resume = letter { return .answered(.success(nil)) }
    case .yielding: if unclaimed != nil, let answer = claim(letter) { return .answered(answer) }
    }
    return deliver(letter, from: sender)
  }

  /// The body waits: it is given `letter`, on top of the sender where that may be.
  @inlinable func deliver(_ letter: Letter, from sender: UnsafeRawPointer?) -> Posted {
    guard scheduler.mayHandOver, let job = job.take() else {
      let waiter = Waiter<Output?>(scheduler: scheduler)
      served = .waiting(waiter)
      wake(.letter(letter))
      return .pending(waiter)
    }
    served = .below
    stand = .running
    wakeup = .letter(letter)
    scheduler.handOver(job, from: sender, to: routine)
    if let answer = answer.take() { return .answered(answer) }
    let waiter = Waiter<Output?>(scheduler: scheduler)
    served = .waiting(waiter)
    return .pending(waiter)
  }

  /// The body works: `letter` waits for its turn.
  @usableFromInline func lineUp(_ letter: Letter) -> Waiter<Output?> {
    let waiter = Waiter<Output?>(scheduler: scheduler)
    waiter.withdraw = { [unowned self, unowned waiter] in
      waiter.answer(.failure(CancellationError()))
      line.noteGap()
    }
    line.append(letter, waiter)
    return waiter
  }

  /// The body holds out a value that it yielded before anyone asked: `next()` takes it, a value comes too early.
  @usableFromInline func claim(_ letter: Letter) -> Answer? {
    switch letter {
    case .resume: return .success(unclaimed.take())
    case .value: return .failure(CoroutineError.notAsked(name: routine.name))
    case .error:
      unclaimed = nil
      return nil
    }
  }

  /// What is sent to a body that has ended, or is about to: `next()` is at the end, the rest is an error.
  @usableFromInline func refusal(of letter: Letter) -> Answer {
    if let failure = untold.take() { return .failure(failure) }
    if case .resume = letter { return .success(nil) }
    if case .error(let error) = letter { return .failure(error) }
    return .failure(failure ?? CoroutineError.ended(name: routine.name))
  }

  /// Tells the body to end and waits until it has.
  ///
  /// - Throws: ``CoroutineError/yieldedWhileClosing(name:)`` as soon as the body yields again.
  func close() async throws {
    guard scheduler.isOnThread else {
      return try await scheduler.visit { try await self.close() }
    }
    if stand == .ended { return try failure.map { throw $0 } ?? () }
    if routine.isCurrent { throw CoroutineError.usedByItself(name: routine.name) }
    let closer = Waiter<Void>(scheduler: scheduler)
    closers.append(closer)
    end()
    try await closer.value(.joining, from: [routine])
  }
}
