import DequeModule

/// How far a generator has come: its own body, and on top of it those of the generators that it delegates to.
///
/// The uppermost is asked. One that ends is taken off, and the one below goes on; one that throws is taken off, and the
/// error is raised in the one below. So a delegation is one entry, and not one more call on the way of each element.
///
/// Owner: the scheduler's thread.
@usableFromInline final class GeneratorCourse<Element: Sendable>: @unchecked Sendable {
  /// What a body yields.
  @usableFromInline enum Given: Sendable {
    case element(Element)
    case generator(Generator<Element>)
  }

  @usableFromInline typealias Body = Coroutine<Never, Given, Void>
  @usableFromInline typealias Letter = Rendezvous<Never, Given>.Letter

  @usableFromInline struct Entry {
    @usableFromInline let body: Body
    /// The generator that this body began as, where it was delegated to: kept, since its drop would end it.
    @usableFromInline let delegate: Generator<Element>?

    @usableFromInline init(body: Body, delegate: Generator<Element>?) {
      self.body = body
      self.delegate = delegate
    }
  }

  @usableFromInline let name: String
  @usableFromInline let scheduler: Scheduler
  /// Starts the body; nil once it has, or is not going to.
  @usableFromInline @exclusivity(unchecked) var begin: (() -> Body)?
  @usableFromInline @exclusivity(unchecked) var entries: [Entry] = []
  /// An error for the uppermost body, whose consumer was cancelled before it could be raised there.
  @usableFromInline @exclusivity(unchecked) var undelivered: Letter?
  /// Whether another one asks its bodies.
  @usableFromInline @exclusivity(unchecked) var isDelegate = false
  /// Whether somebody asks or closes it now; the others stand in line.
  @usableFromInline @exclusivity(unchecked) var isAsked = false
  @usableFromInline @exclusivity(unchecked) var line = Deque<Waiter<Void>>()

  @usableFromInline init(name: String, scheduler: Scheduler, begin: @escaping () -> Body) {
    self.name = name
    self.scheduler = scheduler
    self.begin = begin
  }

  /// The next element; see ``Generator/next()``.
  @inlinable func next() async throws -> Element? {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.next() } }
    if isAsked || isDelegate || begin != nil { try await prepare() } else { isAsked = true }
    defer { letNextAsk() }
    var letter = undelivered.take() ?? .resume
    while let top = entries.last?.body {
      switch await give(letter, to: top) {
      case .success(.element(let element)?): return element
      case .success(.generator(let other)?): letter = delegate(to: other)
      case .success(nil):
        takeOff()
        letter = .resume
      case .failure(let error):
        guard case .ended = top.rendezvous.stand else {
          if case .error = letter { undelivered = letter }
          throw error
        }
        takeOff()
        if entries.isEmpty { throw asTold(error, of: top) }
        letter = .error(error)
      }
    }
    return nil
  }

  @inlinable func give(_ letter: Letter, to body: Body) async -> Result<Given?, any Error> {
    switch body.rendezvous.post(letter) {
    case .answered(let answer): return answer
    case .pending(let waiter): return await answer(of: waiter, from: body)
    }
  }

  /// The body works, for a consumer that waits: one that is cancelled cancels the body.
  @usableFromInline func answer(of waiter: Waiter<Given?>, from body: Body) async -> Result<Given?, any Error> {
    waiter.withdraw = nil
    waiter.onInterrupt = { body.cancel() }
    do {
      return .success(try await waiter.value(.sending, from: body.rendezvous.servers))
    } catch {
      return .failure(error)
    }
  }

  /// A consumer that was cancelled, and its body with it, is told of its own cancellation.
  @usableFromInline func asTold(_ error: any Error, of body: Body) -> any Error {
    Task.isCancelled && error as? CoroutineError == .cancelled(name: body.name) ? CancellationError() : error
  }

  /// Puts the bodies of `other` on top.
  ///
  /// - Returns: what the one that delegates, or the first of those, is given.
  @usableFromInline func delegate(to other: Generator<Element>) -> Letter {
    let course = other.course
    guard course !== self, course.scheduler === scheduler, !course.isAsked, !course.isDelegate else {
      return .error(CoroutineError.inUse(name: other.name))
    }
    course.isDelegate = true
    course.start()
    let moved = course.entries
    course.entries = []
    guard let first = moved.first else {
      course.isDelegate = false  // it has ended
      return .resume
    }
    entries.append(Entry(body: first.body, delegate: other))
    entries += moved.dropFirst()
    return .resume
  }

  /// The uppermost body has ended.
  @usableFromInline func takeOff() {
    entries.removeLast().delegate?.course.isDelegate = false
  }

  /// Waits for the caller's turn, and starts the body if this is the first.
  @usableFromInline func prepare() async throws {
    try Task.checkCancellation()
    if isDelegate { throw CoroutineError.inUse(name: name) }
    try await takeTurn()
    start()
  }

  private func takeTurn() async throws {
    guard isAsked else {
      isAsked = true
      return
    }
    let waiter = Waiter<Void>(scheduler: scheduler)
    waiter.withdraw = { [unowned self, unowned waiter] in
      line.removeAll { $0 === waiter }
      waiter.answer(.failure(CancellationError()))
    }
    line.append(waiter)
    try await waiter.value(.sending, from: entries.last?.body.rendezvous.servers ?? [])
  }

  /// The one who asked has its answer.
  @inlinable func letNextAsk() {
    if line.isEmpty { isAsked = false } else { line.removeFirst().answer(.success(())) }
  }

  private func start() {
    guard let begin = begin.take() else { return }
    let body = begin()
    // A body works for who asks, and has nothing to take first: a stop of the scheduler cancels it.
    body.rendezvous.routine.ending = nil
    entries = [Entry(body: body, delegate: nil)]
  }

  /// Ends every body, the uppermost first, and waits for each.
  @usableFromInline func close() async throws {
    guard scheduler.isOnThread else { return try await scheduler.visit { try await self.close() } }
    if isDelegate { throw CoroutineError.inUse(name: name) }
    try await takeTurn()
    defer { letNextAsk() }
    begin = nil
    var failure: (any Error)?
    while let top = entries.last?.body {
      do { try await top.close() } catch { failure = failure ?? error }
      takeOff()
    }
    if let failure { throw failure }
  }

  /// Nobody will ask any more: ends every body, each when the one above it has ended.
  func drop() {
    begin = nil
    guard let body = entries.last?.body else { return }
    body.whenDone { [self] _ in
      takeOff()
      drop()
    }
    body.rendezvous.end()
  }
}
