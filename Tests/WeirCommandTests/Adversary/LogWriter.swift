import Glibc
import Testing

/// A daemon that writes numbered lines at a rate, some of them in two pieces, and opens its file again when logrotate
/// asks; where that is allowed, one line in a hundred goes on into the old file for a while.
///
/// Owner: one test, which calls it again and again.
final class LogWriter {
  /// How many lines were begun: their numbers are those below it.
  private(set) var written = 0
  private let path: String
  private let linesPerSecond: Int
  private var started = ContinuousClock.now
  private var pen: Int32
  private var latePen: Int32?
  private var lateUntil = ContinuousClock.now
  private let lateLimit: Duration?
  /// What is missing of a line that was begun.
  private var rest = ""
  private let asked: Int32
  private let answered: Int32

  /// - Parameters:
  ///   - lateLimit: for how long an old file is kept at most; nil: not at all.
  init(in folder: Scratch, linesPerSecond: Int, lateLimit: Duration?) throws {
    path = folder.file("app.log")
    self.linesPerSecond = linesPerSecond
    self.lateLimit = lateLimit
    for name in ["asked", "answered"] { try #require(mkfifo(folder.file(name), 0o600) == 0) }
    asked = Glibc.open(folder.file("asked"), O_RDWR | O_NONBLOCK | O_CLOEXEC)
    answered = Glibc.open(folder.file("answered"), O_RDWR | O_NONBLOCK | O_CLOEXEC)
    pen = Self.open(path)
    try #require(asked >= 0 && answered >= 0 && pen >= 0)
  }

  deinit { for descriptor in [asked, answered, pen] + [latePen].compactMap(\.self) { close(descriptor) } }

  private static func open(_ path: String) -> Int32 {
    Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
  }

  /// A line's text: it is whole where it begins with `#` and ends with a point.
  static func line(_ number: Int) -> String { "#\(number) and so on.\n" }

  /// Whether an old file is still written to.
  var isLate: Bool { latePen != nil }

  /// Writes the first lines.
  func begin() throws {
    while written < 100 {
      try put(Self.line(written), into: pen)
      written += 1
    }
  }

  /// From now on there is a line at each of its times.
  func start() { started = .now - .seconds(1) * (Double(written) / Double(linesPerSecond)) }

  /// Writes what is due by now.
  func write(using random: inout Seeded) throws {
    let due = (ContinuousClock.now - started) / .seconds(1) * Double(linesPerSecond)
    while written < Int(due) { try writeSome(using: &random) }
    if let late = latePen, ContinuousClock.now > lateUntil {
      close(late)
      latePen = nil
    }
  }

  /// Ends a line that was begun, and what was begun in an old file.
  func finish() throws {
    try put(rest, into: pen)
    rest = ""
    if let late = latePen { close(late) }
    latePen = nil
  }

  /// One write(2) in most cases is a line; now and then it is many, or a part of one.
  private func writeSome(using random: inout Seeded) throws {
    let draw = Int.random(in: 0..<200, using: &random)
    if let late = latePen, draw < 2 {
      written += 1
      return try put(Self.line(written - 1), into: late)
    }
    var text = rest
    rest = ""
    let count = draw < 190 ? 1 : Int.random(in: 2...60, using: &random)
    for number in written..<written + count { text += Self.line(number) }
    written += count
    if draw == 100 {
      let cut = Int.random(in: 1..<text.utf8.count, using: &random)
      rest = String(text.suffix(cut))
      text.removeLast(cut)
    }
    try put(text, into: pen)
  }

  private func put(_ text: String, into descriptor: Int32) throws {
    var text = text
    let count = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    try #require(count == text.utf8.count)
  }

  /// Opens the file again if logrotate asks for it, and answers.
  ///
  /// - Returns: whether it was asked.
  func answer(using random: inout Seeded) throws -> Bool {
    var byte: [UInt8] = [0]
    guard read(asked, &byte, 1) == 1 else { return false }
    try put(rest, into: pen)
    rest = ""
    if let lateLimit, latePen == nil {
      latePen = pen
      lateUntil = .now + lateLimit * Double.random(in: 0...1, using: &random)
    } else {
      close(pen)
    }
    pen = Self.open(path)
    try #require(pen >= 0)
    try put("\n", into: answered)
    return true
  }

  /// Waits until it is asked, for a millisecond at most.
  func pause() {
    var polled = pollfd(fd: asked, events: Int16(POLLIN), revents: 0)
    poll(&polled, 1, 1)
  }
}
