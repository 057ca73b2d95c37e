import Glibc
import Weir

/// Where a command's own answer goes.
enum StandardOutput {
  /// Writes all of `text`; waits for room where someone made the descriptor non-blocking.
  ///
  /// - Throws: `Failure`; ``OutputClosed`` where nobody reads any more.
  static func write(_ text: String, what: String) throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var request = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, -1)  // whatever it says, the next write says it better
      case EPIPE: throw OutputClosed()
      default: throw Failure("cannot print \(what)", cause: String(cString: strerror(errno)))
      }
    }
  }
}
