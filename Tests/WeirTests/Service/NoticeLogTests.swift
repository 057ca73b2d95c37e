import Glibc
import Logging
import Testing

@testable import Weir

/// The agent's own log.
@Suite struct NoticeLogTests {
  /// A pipe that the log writes to.
  private final class Reader {
    let output: Int32
    private let input: Int32
    /// Those that were read and not given; the last has no end yet.
    private var lines: [Substring] = []

    init(capacity: Int32 = 1 << 16) throws {
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      (input, output) = (ends[0], ends[1])
      _ = fcntl(output, 1031, capacity)  // F_SETPIPE_SZ
    }

    deinit {
      close(input)
      close(output)
    }

    /// The next line; nil where none comes in time.
    func next(withinMilliseconds milliseconds: Int32 = 20_000) throws -> Substring? {
      while lines.count < 2 {
        var request = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, milliseconds) == 1 else { return nil }
        var part = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(input, &part, part.count)
        try #require(count > 0)
        let read = (lines.last ?? "") + String(decoding: part.prefix(count), as: UTF8.self)
        lines = Array(lines.dropLast()) + read.split(separator: "\n", omittingEmptySubsequences: false)
      }
      return lines.removeFirst()
    }
  }

  private func logger(_ choice: LogChoice, _ reader: Reader) -> Logger {
    let output = NoticeOutput(reader.output)
    return Logger(label: "test") { _ in NoticeLog(choice, to: output) }
  }

  /// CSI in one byte, and what reverses the order of a line.
  @Test(arguments: [LogPlan.Format.text, .json]) func whatATerminalObeysIsShown(format: LogPlan.Format) throws {
    let reader = try Reader()
    logger(LogChoice(LogPlan(format: format)), reader).info("a\u{9b}31mb\u{202e}c\u{e0041}d é")
    let shown = format == .text ? "a\\x9b31mb\\u{202e}c\\u{e0041}d é" : "a\\u009b31mb\\u202ec\\udb40\\udc41d é"
    let line = try #require(try reader.next())
    #expect(line.contains(shown), "\(line)")
  }

  @Test func aPathMakesNoNoticeOfItsOwn() throws {
    let reader = try Reader()
    let log = logger(LogChoice(LogPlan()), reader)
    log.warning("cannot look into x\nweir: error: sink archive failed\n.gz\r\n: not allowed")
    log.info("over")
    let lines = [
      "weir: warning: cannot look into x", "  weir: error: sink archive failed", "  .gz\\x0d\\x0a: not allowed",
      "weir: over",
    ]
    for line in lines { #expect(try reader.next() == line[...]) }
  }

  @Test func whatIsChosenLaterHoldsForAllWhoLogAlready() throws {
    let reader = try Reader()
    let choice = LogChoice(LogPlan(level: .warning))
    let log = logger(choice, reader)
    var asked = log
    asked.logLevel = .info
    log.info("not said")
    asked.info("asked for")
    choice.plan = LogPlan(level: .debug, format: .json)
    log.debug("said")
    #expect(try reader.next() == "weir: asked for")
    let said = try #require(try reader.next())
    #expect(said.hasPrefix("{\"time\":") && said.hasSuffix(",\"level\":\"debug\",\"message\":\"said\"}"))
  }

  @Test func nobodyWaitsForWhoDoesNotRead() throws {
    let reader = try Reader(capacity: 4096)
    let log = logger(LogChoice(LogPlan()), reader)
    let padding = String(repeating: "x", count: 1000)
    for number in 0..<2000 { log.info("\(number) \(padding)") }
    var (kept, said): ([Substring], Substring) = ([], "")
    while !said.contains("are missing here") {
      guard let line = try reader.next(withinMilliseconds: 200) else {
        try #require(kept.count >= 500)
        log.info("more")  // when all that waited is written, the next notice tells what is missing
        continue
      }
      if line.hasSuffix(padding) { kept.append(line) } else { said = line }
    }
    #expect(kept == (0..<kept.count).map { "weir: \($0) \(padding)"[...] })
    #expect((1000..<1100).contains(kept.count))
    #expect(said.hasPrefix("weir: warning: \(2000 - kept.count) notices are missing here"))
  }
}
