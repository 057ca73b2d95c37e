import HeapModule

/// Waiters ordered by deadline; those with the same deadline in the order in which they came.
struct Deadlines {
  typealias Waiter = CheckedContinuation<Void, any Error>

  private struct Entry: Comparable {
    let deadline: Duration
    let ticket: UInt64
    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.ticket) < (right.deadline, right.ticket)
    }
    static func == (left: Entry, right: Entry) -> Bool { left.ticket == right.ticket }
  }

  private var heap = Heap<Entry>()
  private var waiters: [UInt64: Waiter] = [:]

  /// The earliest deadline that someone still waits for.
  mutating func earliest() -> Duration? {
    while let first = heap.min {
      if waiters[first.ticket] != nil { return first.deadline }
      heap.removeMin()  // cancelled
    }
    return nil
  }

  mutating func add(_ waiter: Waiter, ticket: UInt64, deadline: Duration) {
    heap.insert(Entry(deadline: deadline, ticket: ticket))
    waiters[ticket] = waiter
  }

  /// Takes a waiter out before its time.
  mutating func remove(ticket: UInt64) -> Waiter? { waiters.removeValue(forKey: ticket) }

  /// Takes out everyone whose time has come.
  mutating func popDue(at now: Duration) -> [Waiter] {
    var due: [Waiter] = []
    while let first = heap.min, first.deadline <= now {
      heap.removeMin()
      if let waiter = waiters.removeValue(forKey: first.ticket) { due.append(waiter) }
    }
    return due
  }
}
