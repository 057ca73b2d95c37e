import HeapModule

/// What is to be done at a time, ordered by time; what is due at the same time in the order in which it came.
///
/// Owner: the scheduler's thread.
struct Deadlines {
  private struct Entry: Comparable {
    let deadline: Duration
    let ticket: UInt64
    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.ticket) < (right.deadline, right.ticket)
    }
    static func == (left: Entry, right: Entry) -> Bool { left.ticket == right.ticket }
  }

  private var heap = Heap<Entry>()
  private var actions: [UInt64: () -> Void] = [:]
  private var lastTicket: UInt64 = 0

  /// The earliest deadline that has not been cancelled.
  mutating func earliest() -> Duration? {
    while let first = heap.min {
      if actions[first.ticket] != nil { return first.deadline }
      heap.removeMin()  // cancelled
    }
    return nil
  }

  /// - Returns: what cancels it.
  mutating func add(at deadline: Duration, _ action: @escaping () -> Void) -> UInt64 {
    lastTicket += 1
    heap.insert(Entry(deadline: deadline, ticket: lastTicket))
    actions[lastTicket] = action
    return lastTicket
  }

  /// - Returns: whether it had not been done.
  @discardableResult
  mutating func cancel(_ ticket: UInt64) -> Bool {
    let isCancelled = actions.removeValue(forKey: ticket) != nil
    if heap.count > 2 * actions.count + 64 { heap = Heap(heap.unordered.filter { actions[$0.ticket] != nil }) }
    return isCancelled
  }

  /// Takes out everything whose time has come.
  mutating func popDue(at now: Duration) -> [() -> Void] {
    var due: [() -> Void] = []
    while let first = heap.min, first.deadline <= now {
      heap.removeMin()
      if let action = actions.removeValue(forKey: first.ticket) { due.append(action) }
    }
    return due
  }
}
