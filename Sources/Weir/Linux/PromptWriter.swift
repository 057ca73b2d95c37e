import Glibc

/// Writes what a descriptor takes at once and never waits, so the scheduler's thread may use it; a hop to another
/// thread and back takes longer than the rest of a line's way through weir.
///
/// O_NONBLOCK belongs to the open file description, which a shell shares, so it is never set there. A pipe or a
/// terminal is opened once more through /proc, which gives a description of our own; a socket has MSG_DONTWAIT.
/// A regular file is written to as the followed files are read, on this thread: the page cache takes it, and two
/// switches between threads for each page cost more than the write.
final class PromptWriter: Sendable {
  private enum Way {
    case reopened(Int32)
    case socket(Int32)
    case regular(Int32)
    case none
  }

  private let way: Way

  /// - Parameter descriptor: stays the caller's, open as long as this is used.
  init(_ descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      way = .none
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFIFO, S_IFCHR:
      let reopened = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      way = reopened >= 0 ? .reopened(reopened) : .none
    case S_IFSOCK: way = .socket(descriptor)
    case S_IFREG: way = .regular(descriptor)
    default: way = .none
    }
  }

  deinit { if case .reopened(let descriptor) = way { close(descriptor) } }

  /// Writes from the start of `bytes` on.
  ///
  /// - Returns: how many bytes were taken; why no more were is for the waiting write to find out.
  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    var writtenByteCount = 0
    while writtenByteCount < bytes.count {
      let count = writeOnce(UnsafeRawBufferPointer(rebasing: bytes[writtenByteCount...]))
      if count > 0 {
        writtenByteCount += count
      } else if count == 0 || errno != EINTR {
        break
      }
    }
    return writtenByteCount
  }

  private func writeOnce(_ bytes: UnsafeRawBufferPointer) -> Int {
    switch way {
    case .reopened(let descriptor), .regular(let descriptor): Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    case .socket(let descriptor):
      send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    case .none: 0
    }
  }
}
