/// Generators made of generators. Each owns the one that it is made of: closed, cancelled or dropped, it ends that too.
extension Generator {
  /// What `transform` makes of each element.
  @inlinable public func map<Result: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Result
  ) -> Generator<Result> {
    piped("map") { element, yield in try await yield(transform(element)) }
  }

  /// What `transform` makes of each element. It runs on the scheduler's thread.
  @inlinable public func map<Result: Sendable>(
    _ transform: @escaping @concurrent @Sendable (Element) async throws -> Result
  ) -> Generator<Result> {
    piped("map") { element, yield in try await yield(transform(element)) }
  }

  /// The elements that `isIncluded` says yes to.
  @inlinable public func filter(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) -> Generator<Element> {
    piped("filter") { element, yield in if try isIncluded(element) { try await yield(element) } }
  }

  /// The elements that `isIncluded` says yes to. It runs on the scheduler's thread.
  @inlinable public func filter(
    _ isIncluded: @escaping @concurrent @Sendable (Element) async throws -> Bool
  ) -> Generator<Element> {
    piped("filter") { element, yield in if try await isIncluded(element) { try await yield(element) } }
  }

  /// The elements by so many; the last may have fewer.
  ///
  /// - Parameter count: at least 1.
  @inlinable public func chunked(by count: Int) -> Generator<[Element]> {
    precondition(count > 0, "chunks of nothing have no end")
    return Generator<[Element]>(name: "\(name) by \(count)", on: course.scheduler) { yield in
      try await self.closing {
        var chunk: [Element] = []
        while let element = try await self.next() {
          chunk.append(element)
          if chunk.count == count {
            try await yield(chunk)
            chunk = []
          }
        }
        if !chunk.isEmpty { try await yield(chunk) }
      }
    }
  }

  @inlinable func piped<Result: Sendable>(
    _ verb: String, _ step: @escaping @Sendable (Element, Yield<Result>) async throws -> Void
  ) -> Generator<Result> {
    Generator<Result>(name: "\(verb) of \(name)", on: course.scheduler) { yield in
      try await self.closing { while let element = try await self.next() { try await step(element, yield) } }
    }
  }

  /// Runs `body`, and closes this generator where it throws; the error that led there comes first.
  @inlinable func closing(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch {
      let cause = error
      do { try await close() } catch { throw cause is CoroutineExit ? error : cause }
      throw cause
    }
  }
}
