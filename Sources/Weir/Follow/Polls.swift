/// What is looked at without being told by the kernel, how often, and when next. While it is empty no timer runs.
struct Polls {
  enum Subject: Hashable {
    /// The names that a pattern selects, and their files.
    case pattern(Int)
    /// What the kernel does not watch, for want of watches.
    case unwatched
  }

  private struct Poll {
    let pause: Duration
    /// nil while it is looked at.
    var next: Duration?
  }

  private var polls: [Subject: Poll] = [:]

  /// When something is to be looked at.
  var next: Duration? { polls.values.compactMap(\.next).min() }

  /// - Parameter pause: nil: not any more.
  mutating func set(_ subject: Subject, every pause: Duration?, now: Duration) {
    guard let pause else { return polls[subject] = nil }
    if polls[subject]?.pause != pause { polls[subject] = Poll(pause: pause, next: now + pause) }
  }

  /// What is to be looked at now. When that is done, ``rest(_:now:)``.
  mutating func takeDue(now: Duration) -> [Subject] {
    let due = polls.filter { $0.value.next.map { $0 <= now } ?? false }.map(\.key)
    for subject in due { polls[subject]?.next = nil }
    return due
  }

  /// These were looked at: the pause until the next time begins, however long that took.
  mutating func rest(_ subjects: [Subject], now: Duration) {
    for subject in subjects { if let poll = polls[subject] { polls[subject]?.next = now + poll.pause } }
  }
}
