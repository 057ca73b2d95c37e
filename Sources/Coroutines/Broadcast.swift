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

  private let targets: [Coroutine<Value>]
  private let apart = Mutex<Set<Int>>([])

  /// Sends go to `targets` in this order.
  public init(to targets: [Coroutine<Value>]) { self.targets = targets }

  /// How many targets still take values.
  public var liveCount: Int { targets.count - apart.withLock { $0.count } }

  /// Sends `value` to every target that has not failed.
  ///
  /// - Returns: the targets that failed with this value.
  public func send(_ value: Value) async throws -> [Fault] { try await send { _ in value } }

  /// Sends each target the value made for it; nil passes it over.
  ///
  /// - Returns: the targets that failed with this value.
  /// - Throws: `CancellationError` when the sender was cancelled before every target had its value.
  public func send(each value: (Int) -> Value?) async throws -> [Fault] {
    let excluded = apart.withLock { $0 }
    let letters = targets.indices.compactMap { index -> (Int, Value)? in
      guard !excluded.contains(index), let value = value(index) else { return nil }
      return (index, value)
    }
    let faults = try await deliver(letters)
    if !faults.isEmpty { apart.withLock { $0.formUnion(faults.map(\.index)) } }
    return faults.sorted { $0.index < $1.index }
  }

  private func deliver(_ letters: [(Int, Value)]) async throws -> [Fault] {
    if letters.count == 1 { return try await deliver(letters[0].1, to: letters[0].0).map { [$0] } ?? [] }
    return try await withThrowingTaskGroup(of: Fault?.self) { group in
      for (index, value) in letters { group.addTask { try await self.deliver(value, to: index) } }
      return try await group.reduce(into: []) { faults, fault in
        if let fault { faults.append(fault) }
      }
    }
  }

  private func deliver(_ value: Value, to index: Int) async throws -> Fault? {
    do {
      try await targets[index].send(value)
      return nil
    } catch let error as CancellationError where Task.isCancelled {
      throw error
    } catch {
      return Fault(index: index, error: error)
    }
  }
}
