import Synchronization

/// What happened, in order, as a test wants to see it.
final class Trace: Sendable {
  private let lines = Mutex<[String]>([])
  func note(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

struct Rejected: Error, Equatable {}

/// A value that is put in place later; touched by one thread at a time.
final class Box<Value>: @unchecked Sendable {
  var value: Value?
}
