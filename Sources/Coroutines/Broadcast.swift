import Synchronization

/// One value to many coroutines. A target that fails is set apart and reported once; the others go on.
///
/// `send` returns when every target has asked for more: the slowest sets the pace, nothing is buffered.
public final class Broadcast<Value: Sendable>: Sendable {
  /// A target that failed, and how.
  public struct Fault: Sendable {
    /// The target's place in the list.
    public let index: Int
    /// What its body threw, or ``CoroutineError/ended(name:)``.
    public let error: any Error
  }

  /// What became of a value.
  public struct Outcome: Sendable {
    /// The places of the targets that took it, in order.
    public var takers: [Int] = []
    /// The targets that failed with it, in order.
    public var faults: [Fault] = []
  }

  /// What is done around the send to one target: `send` must be called once.
  public typealias Around = @Sendable (_ index: Int, _ send: () async throws -> Void) async throws -> Void

  private let targets: [Consumer<Value>]
  private let apart = Mutex<Set<Int>>([])

  /// Sends go to `targets` in this order.
  public init(to targets: [Consumer<Value>]) { self.targets = targets }

  /// How many targets still take values.
  public var liveCount: Int { targets.count - apart.withLock { $0.count } }

  /// Sends `value` to every target that has not failed.
  ///
  /// - Returns: who took it, and who failed with it.
  @discardableResult
  public func send(_ value: Value) async throws -> Outcome { try await send { _ in value } }

  /// Sends each target the value made for it; nil passes it over.
  ///
  /// - Parameters:
  ///   - value: the value for the target at this place.
  ///   - around: a context for each send, such as a timing one.
  /// - Returns: who took it, and who failed with it; targets that were set apart before are in neither.
  /// - Throws: `CancellationError` when the sender was cancelled before every target had its value.
  public func send(
    each value: (Int) -> Value?, around: @escaping Around = { _, send in try await send() }
  ) async throws -> Outcome {
    let excluded = apart.withLock { $0 }
    let letters = targets.indices.compactMap { index -> (Int, Value)? in
      guard !excluded.contains(index), let value = value(index) else { return nil }
      return (index, value)
    }
    var outcome = Outcome()
    for (index, error) in try await deliver(letters, around).sorted(by: { $0.0 < $1.0 }) {
      if let error { outcome.faults.append(Fault(index: index, error: error)) } else { outcome.takers.append(index) }
    }
    if !outcome.faults.isEmpty { apart.withLock { $0.formUnion(outcome.faults.map(\.index)) } }
    return outcome
  }

  /// Sends to all at once and waits for all; each place with its error or nil.
  private func deliver(
    _ letters: [(Int, Value)], _ around: @escaping Around
  ) async throws -> [(Int, (any Error)?)] {
    if letters.isEmpty { return [] }
    if letters.count == 1 { return [try await deliver(letters[0], around)] }
    return try await withThrowingTaskGroup(of: (Int, (any Error)?).self) { group in
      for letter in letters { group.addTask { try await self.deliver(letter, around) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func deliver(_ letter: (Int, Value), _ around: Around) async throws -> (Int, (any Error)?) {
    do {
      try await around(letter.0) { try await targets[letter.0].send(letter.1) }
      return (letter.0, nil)
    } catch let error as CancellationError where Task.isCancelled {
      throw error
    } catch {
      return (letter.0, error)
    }
  }
}
