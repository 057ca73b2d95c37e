import Glibc
import Synchronization
import Testing

@testable import Weir

/// What a search may take: the time of the thread's own work, in proportion to the line.
@Suite struct SearchTimeTests {
  private func outcome(_ pattern: String, _ line: [UInt8]) throws -> LineMatcher.Outcome {
    let table = try PatternTable([Pattern(pattern)])
    return line.withUnsafeBytes { table.slots[0].matcher.match($0) }
  }

  private func words(_ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { $0 % 12 == 11 ? UInt8(ascii: " ") : UInt8(ascii: "w") }
  }

  @Test func aLongLineIsSearchedToItsEnd() throws {
    let line = words(24 << 20) + Array("1a2b3".utf8)
    #expect(try outcome("\\d[a-z]\\d[a-z]\\d", line) == .matched)
  }

  @Test(arguments: [
    "\\w*\\w*\\d(*ACCEPT)", "(*UTF)\\w*\\w*\\d(*COMMIT)", "\\w*\\w*(?:\\d|\\d\\G)", "(?:(*F)|\\w*\\w*\\d)",
  ])
  func whatCannotBeTakenUpAgainIsCutOffToo(_ pattern: String) throws {
    #expect(try outcome(pattern, words(6 << 20)) == .limited)
    #expect(try outcome(pattern, words(5000) + Array("x1".utf8)) == .matched)
  }

  @Test func verbsMeanWhatTheyMeanInALongLine() throws {
    let line = words(9000)
    #expect(try outcome("w+x|\\Gq", line) == .notMatched)
    #expect(try outcome("\\Gw", line) == .matched)
    #expect(try outcome("w(*COMMIT)x|z", line + Array("wxz".utf8)) == .notMatched)
    #expect(try outcome("w(*PRUNE)x|z", line + Array("wxz".utf8)) == .matched)
  }

  /// Others that take the processor, or a process that is stopped, cost no line.
  @Test func timeInWhichTheThreadDoesNotRunDoesNotCount() throws {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      poll(nil, 0, 100)
      stops.add(1, ordering: .releasing)
    }
    var former = sigaction()
    #expect(sigaction(SIGUSR2, &action, &former) == 0)
    defer { sigaction(SIGUSR2, &former, nil) }
    // Threads that run tests take no signals.
    var (signals, blocked) = (sigset_t(), sigset_t())
    sigaddset(&signals, SIGUSR2)
    pthread_sigmask(SIG_UNBLOCK, &signals, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    let searcher = pthread_self()
    let disturber = Disturber(of: searcher)
    defer { disturber.stop() }
    let line = words(300_000) + Array("1a2b3".utf8)
    let table = try PatternTable([Pattern("\\d[a-z]\\d[a-z]\\d")])
    let deadline = ContinuousClock.now + .seconds(30)
    let first = stops.load(ordering: .acquiring)
    var lost = 0
    while stops.load(ordering: .acquiring) < first + 20, ContinuousClock.now < deadline {
      if line.withUnsafeBytes({ table.slots[0].matcher.match($0) }) != .matched { lost += 1 }
    }
    #expect(lost == 0)
    #expect(stops.load(ordering: .acquiring) >= first + 20)
  }

  /// Lines that one pattern loses cost another none.
  @Test func aPatternThatIsCutOffTakesNoTimeFromOthers() throws {
    let bad = String(repeating: "a", count: 30) + "!\n"
    let text = String(repeating: bad, count: 40) + String(repeating: "w", count: 3000) + " z\n"
    let scanner = try Scanner(pipelines: [
      try pipeline([Rule(matches: [Pattern("^(a+)+$")])]),
      try pipeline([Rule(matches: [Pattern("^(?:\\w_?)+\\d!|z$")])]),
    ])
    let selections = scanner.scan(batch(text))
    #expect(selections[0][0].lines.isEmpty)
    #expect(selections[1][0].lines.count == 1)
    #expect(scanner.matchLimitCounts == [40, 0])
  }
}

/// How often it was interrupted.
private let stops = Atomic(0)

/// Interrupts a thread, over and over.
private final class Disturber: Sendable {
  private let isOver = Atomic(false)
  private let hasEnded = Atomic(false)

  init(of thread: pthread_t) {
    let thread = UInt(thread)
    Thread {
      while !self.isOver.load(ordering: .acquiring) {
        pthread_kill(pthread_t(thread), SIGUSR2)
        poll(nil, 0, 105)
      }
      self.hasEnded.store(true, ordering: .releasing)
    }
  }

  func stop() {
    isOver.store(true, ordering: .releasing)
    while !hasEnded.load(ordering: .acquiring) { sched_yield() }
  }
}

@discardableResult
private func Thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var thread = pthread_t()
  let argument = Unmanaged.passRetained(Body(body)).toOpaque()
  pthread_create(
    &thread, nil,
    { argument in
      Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
      return nil
    }, argument)
  pthread_detach(thread)
  return thread
}
