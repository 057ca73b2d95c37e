import Glibc
import Logging
import Synchronization
import Testing

@testable import Weir

@Suite struct PrinterRetryTests {
  /// The disk is full (`/dev/full`), then it is not: said once each, nothing lost.
  @Test func aFullDiskIsWaitedFor() throws {
    let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(full) }
    let file = try PrinterFile()
    let said = Said { said, count in
      if said.hasPrefix("error") && count == 1 { #expect(dup2(file.descriptor, full) == full) }
    }
    try PrinterRun(descriptor: full, log: said.logger).send([
      PrinterSample("one\n").delivery(), PrinterSample("two\n").delivery(),
    ])
    #expect(file.content == "one\ntwo\n")
    #expect(
      said.lines == [
        "error console: cannot write to standard output: No space left on device; the lines are kept and tried again",
        "notice console: standard output takes lines again; nothing was lost",
      ])
  }

  /// A file at the largest size that its file system has takes the first bytes of a page and no more: those are not
  /// written again when there is room.
  @Test func noByteIsWrittenTwice() throws {
    let limited = try PrinterFile()
    let roomByteCount = 10
    let edge = try #require(limited.largestOffset()) - roomByteCount
    #expect(lseek(limited.descriptor, edge, SEEK_SET) == edge)
    let file = try PrinterFile()
    let aside = dup(limited.descriptor)
    defer { close(aside) }
    let said = Said { _, count in
      if count == 1 { #expect(dup2(file.descriptor, limited.descriptor) == limited.descriptor) }
    }
    try PrinterRun(descriptor: limited.descriptor, log: said.logger).send([
      PrinterSample("0123456789abcdef\n").delivery()
    ])
    #expect(lseek(aside, 0, SEEK_END) == edge + roomByteCount)
    #expect(file.content == "abcdef\n")
    #expect(said.lines.first?.contains("File too large") == true)
  }
}

/// What was logged, and a test's answer to it.
private final class Said: Sendable {
  private let heard = Mutex<[String]>([])
  private let answer: @Sendable (String, Int) -> Void

  init(answer: @escaping @Sendable (String, Int) -> Void) { self.answer = answer }

  var lines: [String] { heard.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Ear(said: self) } }

  fileprivate func hear(_ line: String) {
    let count = heard.withLock { lines in
      lines.append(line)
      return lines.count
    }
    answer(line, count)
  }
}

private struct Ear: LogHandler {
  let said: Said
  var metadata = Logger.Metadata()
  var logLevel = Logger.Level.trace

  init(said: Said) { self.said = said }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { said.hear("\(event.level) \(event.message)") }
}
