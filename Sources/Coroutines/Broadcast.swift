/// One value to many coroutines. A target that fails is set apart and reported once; the others go on.
///
/// ``send(_:)`` returns when every target that sets the pace has asked for more: so the slowest of those does, and
/// nothing is buffered. A target with a buffer of its own takes its time, and what happens when that is full is its
/// ``Policy``.
///
/// The targets are coroutines of one scheduler. Any task on any thread may send.
public final class Broadcast<Value: Sendable>: Sendable {
  /// How a target takes values.
  public enum Policy: Sendable {
    /// It sets the pace.
    case wait
    /// It has a buffer for so many values; where that is full, `overflow` says who gives way.
    case buffer(_ capacity: Int, overflow: Channel<Value>.Overflow)
  }

  /// A coroutine that is broadcast to.
  public struct Target: Sendable {
    let consumer: Consumer<Value>
    let policy: Policy

    /// A target that takes values as `policy` says.
    public init(_ consumer: Consumer<Value>, _ policy: Policy = .wait) {
      self.consumer = consumer
      self.policy = policy
    }
  }

  /// A target that failed, and how.
  public struct Fault: Sendable {
    /// The target's place in the list.
    public let index: Int
    /// What its body threw, or ``CoroutineError/ended(name:)``.
    public let error: any Error

    @usableFromInline init(index: Int, error: any Error) {
      self.index = index
      self.error = error
    }
  }

  /// What became of a value.
  public struct Outcome: Sendable {
    /// The places of the targets that took it, or whose buffer did, in order.
    public var takers: [Int] = []
    /// The targets that failed with it, or since the last one, in order.
    public var faults: [Fault] = []
    /// The places of the targets whose full buffer dropped it, in order.
    public var dropped: [Int] = []
    /// The places of the targets that did not take it, since the sender was cancelled, in order.
    public var missed: [Int] = []

    @usableFromInline init() {}
  }

  /// Told of each target how long it had the value: from the send until it asked for more, or its buffer took it,
  /// or however else that ended.
  public typealias Timer = @Sendable (_ index: Int, _ elapsed: Duration) -> Void

  @usableFromInline let lanes: BroadcastLanes<Value>?

  /// Sends go to `targets` in this order, and each sets the pace.
  public convenience init(to targets: [Consumer<Value>]) { self.init(to: targets.map { Target($0) }) }

  /// Sends go to `targets` in this order.
  public init(to targets: [Target]) { lanes = BroadcastLanes(targets) }

  deinit { lanes.map { lanes in lanes.scheduler.call { lanes.finish() } } }

  /// How many targets still take values. On the scheduler's thread only.
  public var liveCount: Int { lanes?.liveCount ?? 0 }

  /// How many values each target's buffer has dropped. On the scheduler's thread only.
  public var droppedCounts: [Int] { lanes?.droppedCounts ?? [] }

  /// Sends `value` to every target that has not failed; see ``send(each:timer:)``.
  @discardableResult
  @inlinable public func send(_ value: Value) async throws -> Outcome { try await send { _ in value } }

  /// Sends each target the value made for it; nil passes it over.
  ///
  /// All have it at the same time, and then are waited for.
  ///
  /// - Parameters:
  ///   - value: the value for the target at this place.
  ///   - timer: see ``Timer``; called on the scheduler's thread before this returns.
  /// - Returns: who took it, who failed with it, and who did not take it because the sender was cancelled; targets that
  ///   were set apart before are in none of these.
  /// - Throws: `CancellationError` when the sender was cancelled before anyone took it;
  ///   ``CoroutineError/ended(name:)`` once it was closed; ``CoroutineError/wouldBlockScheduler``.
  @inlinable public func send(each value: (Int) -> Value?, timer: Timer? = nil) async throws -> Outcome {
    guard let lanes else { return Outcome() }
    return try await lanes.send(lanes.indices.compactMap { index in value(index).map { (index, $0) } }, timer)
  }

  /// Sends some of the targets a value each; see ``send(each:timer:)``. What it costs grows with those alone.
  ///
  /// - Parameters:
  ///   - values: by the targets' places, each at most once.
  ///   - timer: see ``Timer``; called on the scheduler's thread before this returns.
  @inlinable public func send(
    _ values: [(index: Int, value: Value)], timer: Timer? = nil
  ) async throws -> Outcome {
    guard let lanes else { return Outcome() }
    return try await lanes.send(values, timer)
  }

  /// Lets no more values in, and waits until the targets with buffers have taken what is in them. The targets
  /// themselves are not closed.
  ///
  /// - Returns: targets that failed since the last send.
  @discardableResult
  public func close() async throws -> [Fault] { try await lanes?.close() ?? [] }
}
