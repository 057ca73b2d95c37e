import Coroutines

/// What happened, in order, when someone wants to know.
final class Trace {
  let isOn: Bool
  private(set) var lines: [String] = []
  /// Of everything that was noted: the same seed gives the same.
  private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
  let now: () -> Duration

  init(isOn: Bool, now: @escaping () -> Duration) {
    self.isOn = isOn
    self.now = now
  }

  func note(_ what: @autoclosure () -> String) {
    guard isOn else { return }
    let line = "\(now().nanoseconds / 1_000_000) ms: \(what())"
    for byte in line.utf8 { fingerprint = (fingerprint ^ UInt64(byte)) &* 0x100_0000_01b3 }
    lines.append(line)
  }
}
