/// A lazy producer: nothing of its body runs until the first element is asked for, and then only as far as the next.
///
/// ```swift
/// func countdown(from number: Int, on scheduler: Scheduler) -> Generator<Int> {
///   Generator(on: scheduler) { yield in
///     for number in stride(from: number, to: 0, by: -1) { try await yield(number) }
///   }
/// }
/// for try await number in countdown(from: 3, on: scheduler) { print(number) }  // 3 2 1
/// ```
///
/// It ends when its body does. A consumer that stops early, is cancelled or drops the generator ends the body where it
/// yields: `yield` throws ``CoroutineExit`` there, and the body's cleanup runs, once. A generator is passed through
/// once: its iterators share its elements. Any task on any thread may ask.
public final class Generator<Element: Sendable>: AsyncSequence, Sendable {
  /// What produces: it calls ``Yield`` with one element after the other.
  public typealias Body = @Sendable (Yield<Element>) async throws -> Void

  /// What it is called in errors, and in the scheduler's list of routines.
  @inlinable public var name: String { course.name }
  @usableFromInline let course: GeneratorCourse<Element>

  /// - Parameters:
  ///   - name: see ``name``.
  ///   - scheduler: where the body runs.
  ///   - body: starts with the first ``next()``; where that never comes, never.
  @inlinable public init(name: String = "generator", on scheduler: Scheduler, _ body: @escaping Body) {
    course = GeneratorCourse(name: name, scheduler: scheduler) {
      GeneratorCourse<Element>.Body(name: name, on: scheduler) { try await body(Yield($0)) }
    }
  }

  /// Yields what `elements` has, in order.
  @inlinable public convenience init(
    name: String = "generator", on scheduler: Scheduler, of elements: some Sequence<Element> & Sendable
  ) {
    self.init(name: name, on: scheduler) { yield in try await yield.from(elements) }
  }

  deinit { course.scheduler.call { [course] in course.drop() } }

  /// The next element; nil when the body has returned, and each time after.
  ///
  /// Several tasks that ask at the same time are served in the order in which they came.
  ///
  /// - Throws: what the body throws, once; `CancellationError` where the caller is cancelled: a body that works for it
  ///   is cancelled too; ``CoroutineError/cycle(_:)`` where the body, or what it waits for, asks for its own next
  ///   element; ``CoroutineError/inUse(name:)`` where another generator delegates to it.
  @inlinable public func next() async throws -> Element? { try await course.next() }

  /// Ends the body where it yields, and waits until its cleanup has run. A body that has not started never does.
  ///
  /// - Throws: what the cleanup throws; ``CoroutineError/yieldedWhileClosing(name:)``; else as ``next()``.
  @inlinable public func close() async throws { try await course.close() }

  /// Asks the generator; it has no place of its own.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let generator: Generator

    @inlinable init(_ generator: Generator) { self.generator = generator }

    /// See ``Generator/next()``.
    @inlinable public mutating func next() async throws -> Element? { try await generator.next() }

    /// See ``Exchange/next(isolation:)``.
    @inlinable public mutating func next(isolation actor: (any Actor)?) async throws(any Error) -> Element? {
      try await generator.next()
    }
  }

  /// Begins where the generator stands.
  @inlinable public func makeAsyncIterator() -> Iterator { Iterator(self) }
}

/// What a generator's body yields with.
public struct Yield<Element: Sendable>: Sendable {
  @usableFromInline let exchange: Exchange<Never, GeneratorCourse<Element>.Given>

  @inlinable init(_ exchange: Exchange<Never, GeneratorCourse<Element>.Given>) { self.exchange = exchange }

  /// Gives `element` to the consumer, and returns when it asks for the next.
  ///
  /// - Throws: ``CoroutineExit`` when the consumer wants no more; `CancellationError`.
  @inlinable public func callAsFunction(_ element: Element) async throws {
    _ = try await exchange.yield(.element(element))
  }

  /// Yields everything that `other` does: Python's `yield from`.
  ///
  /// The consumer asks `other` directly until it ends, so an element costs the same at any depth of such delegations,
  /// and no stack grows. `other` is this generator's meanwhile, and is closed with it.
  ///
  /// - Throws: what the body of `other` throws; ``CoroutineError/inUse(name:)`` where another asks or delegates to it,
  ///   or it is this generator itself; and as ``callAsFunction(_:)``.
  @inlinable public func from(_ other: Generator<Element>) async throws {
    _ = try await exchange.yield(.generator(other))
  }

  /// Yields everything that `elements` has.
  @inlinable public func from(_ elements: some Sequence<Element>) async throws {
    for element in elements { try await self(element) }
  }
}
