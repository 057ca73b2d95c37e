import Coroutines
import SystemPackage

@testable import Weir

/// What kind of world it is, drawn by the seed.
struct Setting: CustomStringConvertible {
  var streamCount: Int
  var rotations: [Rotation.Kind]
  /// Once in so many system calls of the agent others act first; 0: never.
  var interrupts: Int
  /// How long it lasts.
  var duration: Duration
  /// How often the agent is ended, at most, and how.
  var endingsCount: Int
  var kills: Bool
  var reloads: Bool
  /// Pauses of writers, in milliseconds.
  var writePause: ClosedRange<Int>
  var rotatePause: ClosedRange<Int>
  var downTime: ClosedRange<Int>
  var queueLimit: Int
  /// How long a store takes for a job, in milliseconds.
  var diskPause: ClosedRange<Int>
  /// Whether what was read may be long on its way to the disk.
  var isSlowDisk: Bool { diskPause.upperBound > 10 }

  /// Whether an end by kill is a power cut.
  var cutsPower: Bool
  /// For how long what the agent saw may be in its memory alone: until it looks again and the store has it, and, where
  /// the power is cut, that is synced.
  var memorySpan: Duration {
    .milliseconds(50 + 20 * diskPause.upperBound) + (cutsPower ? StoreShelf.syncDelay * 2 : .zero)
  }
  var follow: [FilePath]
  var hasFilter: Bool
  var hasPrinter: Bool
  var hasSecondStore: Bool
  var faults: [Fault] = []

  func has(_ fault: Fault) -> Bool { faults.contains(fault) }

  static func draw(_ random: inout Random) -> Setting {
    let streamCount = random.number(1...3)
    var setting = Setting(
      streamCount: streamCount,
      rotations: random.once(in: 2) ? Rotation.Kind.allCases : [random.pick(Rotation.Kind.allCases)],
      interrupts: random.pick([0, 20, 100]), duration: .seconds(random.pick([5, 30, 100])),
      endingsCount: random.number(0...4), kills: !random.once(in: 3), reloads: random.once(in: 4),
      writePause: random.pick([1...50, 1...500, 1...5000]), rotatePause: random.pick([50...2000, 500...20_000]),
      downTime: random.pick([1...100, 1...20_000]), queueLimit: random.pick([16_384, 16_384, 8]),
      diskPause: random.pick([0...0, 0...2, 0...200]), cutsPower: random.once(in: 3),
      follow: random.pick([["/logs/app*.log"], ["/logs/*"], (0..<streamCount).map { FilePath("/logs/app\($0).log") }]),
      hasFilter: random.once(in: 3), hasPrinter: random.once(in: 3), hasSecondStore: random.once(in: 4))
    var others = random  // a world without faults goes on as if none had been drawn
    others = Random(seed: ~others.next())
    setting.faults = Fault.draw(&others)
    return setting
  }

  var description: String {
    let kinds = rotations.map(\.rawValue).joined(separator: " ")
    let paths = follow.map(\.string).joined(separator: " ")
    return """
      \(streamCount) logs rotated by \(kinds); follow \(paths); write \(writePause) ms, rotate \(rotatePause) ms, \
      down \(downTime) ms, \(endingsCount) ends\(kills ? cutsPower ? " by power cut" : " by kill" : ""), \
      interrupts \(interrupts), queue \(queueLimit)\
      \(hasFilter ? ", filter" : "")\(hasPrinter ? ", printer" : "")\(hasSecondStore ? ", two stores" : "")\
      \(faults.isEmpty ? "" : "; faults: " + faults.map(\.rawValue).joined(separator: ", "))
      """
  }
}

extension Setting {
  /// Whether the agent may log that as an error. A stop waits for ten seconds, and an agent that is far behind on a
  /// slow disk may need longer for what it has read.
  func isExpected(_ message: String) -> Bool {
    isSlowDisk && message.hasPrefix("a sink did not take what was read within")
      || faults.contains { $0.isExpected(message) }
  }
}
