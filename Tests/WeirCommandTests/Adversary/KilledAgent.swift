import Glibc
import Testing

/// An agent that is killed at random moments and started again, at once or later.
///
/// Owner: one test.
final class KilledAgent {
  private(set) var kills = 0
  private let folder: Scratch
  private let interval: Duration
  private let journal: AdversaryJournal
  private var weir: Program?
  private var isKilled = false
  private var next = ContinuousClock.now

  /// - Parameter interval: between two rotations; the lives and pauses are drawn as shares of it.
  init(in folder: Scratch, interval: Duration, journal: AdversaryJournal) {
    self.journal = journal
    self.folder = folder
    self.interval = interval
  }

  /// Does what is due.
  func step(using random: inout Seeded) throws {
    guard let weir else {
      if ContinuousClock.now >= next { try start(using: &random) }
      return
    }
    if !isKilled, ContinuousClock.now >= next { kill() }
    guard weir.ends(within: 0) else { return }
    try bury(weir)
    next = .now + pause(using: &random)
  }

  /// Kills it for the last time.
  func end() throws {
    guard let weir else { return }
    if !isKilled { kill() }
    try bury(weir)
  }

  private func start(using random: inout Seeded) throws {
    weir = try Program(["run", "-c", "w.yaml"], in: folder)
    journal.note("start of weir")
    isKilled = false
    // One life in four ends within the agent's start.
    let share = Int.random(in: 0..<4, using: &random) == 0 ? 0...0.2 : 0.2...3
    next = .now + interval * Double.random(in: share, using: &random)
  }

  private func kill() {
    weir?.signal(SIGKILL)
    isKilled = true
    journal.note("kill")
    kills += 1
  }

  private func bury(_ weir: Program) throws {
    let status = try weir.awaitEnd()
    journal.note("weir that is dead said:\n\(weir.said)")
    if status != 128 + SIGKILL { Issue.record("weir ended with status \(status): \(weir.said)") }
    self.weir = nil
  }

  /// None, short, or as long as several rotations.
  private func pause(using random: inout Seeded) -> Duration {
    switch Int.random(in: 0..<4, using: &random) {
    case 0, 1: .zero
    case 2: interval * Double.random(in: 0...0.5, using: &random)
    default: interval * Double.random(in: 1...4, using: &random)
    }
  }
}
