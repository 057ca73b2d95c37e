import Coroutines
import Glibc
import Synchronization

/// Where notices go. What the descriptor takes at once is written at once; the rest waits for a thread, as who says
/// something never waits for who reads it.
final class NoticeOutput: Sendable {
  /// So much may wait. What is said beyond that is not written, and counted.
  static let waitingBytesLimit = 1 << 20
  /// How long the end of the process waits for a reader that takes nothing, and for one that does.
  private static let (idleSeconds, longestSeconds) = (1, 10)

  static let standardError = NoticeOutput(STDERR_FILENO)

  private struct Waiting {
    var byteCount = 0
    var dropCount = 0
  }

  private let descriptor: Int32
  private let promptly: PromptWriter
  private let thread = Offload(name: "weir log")
  private let waiting = Mutex(Waiting())

  /// - Parameter descriptor: stays the caller's, open as long as this is used.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    promptly = PromptWriter(descriptor)
  }

  /// One write(2) a text where there is room, so that those of several processes do not mix. A closed descriptor is no
  /// error.
  func write(_ text: String) {
    let bytes = Array(text.utf8)
    waiting.withLock { waiting in
      let first = waiting.byteCount == 0 ? bytes.withUnsafeBytes(promptly.write) : 0
      if first == bytes.count { return }
      let rest = bytes.count - first
      guard first > 0 || waiting.byteCount + rest <= Self.waitingBytesLimit else {
        waiting.dropCount += 1
        return
      }
      waiting.byteCount += rest
      thread.begin { self.writePatiently(bytes[first...]) }
    }
  }

  /// How many texts were not written since the last call; 0 while others still wait.
  func takeDropCount() -> Int {
    waiting.withLock { waiting in
      guard waiting.byteCount == 0 else { return 0 }
      defer { waiting.dropCount = 0 }
      return waiting.dropCount
    }
  }

  /// On the thread.
  private func writePatiently(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        // Whatever poll(2) says, the next write says it better.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, -1)
      } else if count == 0 || errno != EINTR {
        break  // nobody reads it any more
      }
    }
    waiting.withLock { $0.byteCount -= bytes.count }
  }

  /// Waits for what waits, at the end of the process: as long as some of it is taken, but not for ever.
  func finish() {
    var left = waiting.withLock { $0.byteCount }
    for _ in 0..<Self.longestSeconds / Self.idleSeconds where left > 0 {
      if isWritten(withinSeconds: Self.idleSeconds) { return }
      let now = waiting.withLock { $0.byteCount }
      if now == left { return }
      left = now
    }
  }

  private func isWritten(withinSeconds seconds: Int) -> Bool {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return false }
    let (reading, writing) = (ends[0], ends[1])
    defer { close(reading) }
    // Whenever the thread comes to it: the other end hears of it.
    thread.begin { close(writing) }
    var request = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, Int32(1000 * seconds)) == 1
  }
}
