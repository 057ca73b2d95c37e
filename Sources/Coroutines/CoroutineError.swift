/// Why a coroutine did not do what it was asked.
public enum CoroutineError: Error, Equatable, CustomStringConvertible {
  /// Its body has returned, or it was closed.
  case ended(name: String)
  /// It was cancelled, maybe while its body had the value that was sent.
  case cancelled(name: String)
  /// It was sent a value while it held out its first one, which nobody had asked for: call `next()` first.
  case notAsked(name: String)
  /// Its body used the coroutine that it is the body of.
  case usedByItself(name: String)
  /// Each of these waits for the next, and the last for the first. The one whose wait would have closed the ring is
  /// told.
  case cycle([String])
  /// A generator that another asks, or delegates to, at this time.
  case inUse(name: String)
  /// The caller would wait, on a scheduler's own thread, for what only that scheduler can do.
  case wouldBlockScheduler
  /// Its body yielded again after it was told to end.
  case yieldedWhileClosing(name: String)

  /// A sentence without its full stop, with the names.
  public var description: String {
    switch self {
    case .ended(let name): "coroutine \(name) has ended"
    case .cancelled(let name): "coroutine \(name) was cancelled"
    case .notAsked(let name): "coroutine \(name) holds out its first value; ask for it with next() before sending one"
    case .usedByItself(let name): "coroutine \(name) was used by its own body, which would wait for itself"
    case .cycle(let names): "each waits for the next: " + names.joined(separator: " -> ")
    case .inUse(let name): "generator \(name) is in use: another asks it now, or delegates to it"
    case .wouldBlockScheduler: "this would block the scheduler's own thread, and wait for ever"
    case .yieldedWhileClosing(let name): "coroutine \(name) yielded a value while it was being closed"
    }
  }
}

/// Thrown by `yield` in a body that was closed, to unwind it; `GeneratorExit` in Python.
///
/// A body lets it through, after its cleanup. Whoever closed the coroutine does not see it.
public struct CoroutineExit: Error, Equatable {
  /// Makes one; a body may throw it to end without a value.
  public init() {}
}
