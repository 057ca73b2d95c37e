import Coroutines

/// Something that goes wrong now and then, each time for a while.
final class Trouble: @unchecked Sendable {
  typealias End = () throws -> Void

  let name: String
  private let begin: () throws -> End?
  private let pause: () -> Duration
  private let span: () -> Duration
  private var end: End?

  /// - Parameters:
  ///   - pause: between two times.
  ///   - span: how long it lasts.
  ///   - begin: has it begin, and returns what ends it; nil where there is nothing that could go wrong now.
  init(
    _ name: String, pause: @escaping () -> Duration, span: @escaping () -> Duration, begin: @escaping () throws -> End?
  ) {
    self.name = name
    self.pause = pause
    self.span = span
    self.begin = begin
  }

  /// Begins and ends until it is cancelled.
  func act(on scheduler: Scheduler) async throws {
    while true {
      try await scheduler.sleep(for: pause())
      end = try begin()
      if end == nil { continue }
      try await scheduler.sleep(for: span())
      try finish()
    }
  }

  /// Ends it, if it is.
  func finish() throws {
    let end = end
    self.end = nil
    try end?()
  }
}
