import Coroutines

/// What happened, in order, when someone wants to know.
final class Trace {
  let isOn: Bool
  /// The same seed gives the same.
  private(set) var lines: [String] = []
  /// Whether it is printed, and goes on being printed as it happens: also of a world that never ends.
  var isPrinted = false {
    didSet { if isPrinted { for line in lines { print(line) } } }
  }
  let now: () -> Duration

  init(isOn: Bool, now: @escaping () -> Duration) {
    self.isOn = isOn
    self.now = now
  }

  func note(_ what: @autoclosure () -> String) {
    guard isOn else { return }
    lines.append("\(now().nanoseconds / 1_000_000) ms: \(what())")
    if isPrinted { print(lines[lines.count - 1]) }
  }
}
