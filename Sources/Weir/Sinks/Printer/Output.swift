import Coroutines
import Glibc
import Synchronization

/// A descriptor that printers write to: at once what it takes at once, the rest on a thread of its own, so a reader
/// that does not read stops that thread and nobody else.
///
/// The descriptor's flags are left alone: a shell shares them. Where someone made it non-blocking, the thread waits
/// for room. Pages of several printers are written one after the other; only where a disk is full may one come
/// between two parts of another.
final class Output: Sendable {
  /// How far a write came, and what stopped it.
  struct Progress: Sendable, Equatable {
    /// Bytes taken, which are never offered again.
    var writtenByteCount: Int
    /// errno of write(2); nil when everything was taken.
    var fault: Int32?
  }

  /// Standard output. Its thread is started by the first printer.
  static let standard = Output(descriptor: STDOUT_FILENO, name: "standard output")

  /// What a user calls it.
  let name: String
  /// Whether a person may be reading it.
  let isTerminal: Bool
  /// Whether it is a pipe, whose reader may go away.
  let isPipe: Bool
  private let descriptor: Int32
  private let promptly: PromptWriter
  private let thread: Offload
  /// Pages that are with the thread; while there are any, others stand in line behind them.
  private let waitingCount = Atomic(0)

  /// An output to a descriptor that its owner closes.
  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
    isTerminal = isatty(descriptor) == 1
    var status = stat()
    isPipe = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    promptly = PromptWriter(descriptor)
    thread = Offload(name: "weir printer")
  }

  /// Whether the descriptor is open for writing; errno of fcntl(2), or EBADF, if not.
  var fault: Int32? {
    let flags = fcntl(descriptor, F_GETFL)
    if flags == -1 { return errno }
    return flags & O_ACCMODE == O_RDONLY ? EBADF : nil
  }

  /// Returns when a pipe's reader went away. Nothing can be read at a pipe's end for writing, so epoll wakes for the
  /// error alone that a lost reader is. Several printers may wait, each with a descriptor of its own.
  func readerGone(on scheduler: Scheduler) async throws {
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard own >= 0 else { throw SystemError("fcntl") }
    defer { close(own) }
    try await scheduler.readable(own)
  }

  /// Writes what is behind the first `count` of `bytes`; returns when it is written or cannot be.
  func write(_ bytes: [UInt8], after count: Int) async throws -> Progress {
    var first = count
    if waitingCount.load(ordering: .relaxed) == 0 {
      first += bytes.withUnsafeBytes { promptly.write(UnsafeRawBufferPointer(rebasing: $0[count...])) }
    }
    if first == bytes.count { return Progress(writtenByteCount: first - count) }
    waitingCount.add(1, ordering: .relaxed)
    defer { waitingCount.subtract(1, ordering: .relaxed) }
    var progress = try await thread.run { [descriptor, first] in
      bytes.withUnsafeBytes { Self.write(UnsafeRawBufferPointer(rebasing: $0[first...]), to: descriptor) }
    }
    progress.writtenByteCount += first - count
    return progress
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Progress {
    var progress = Progress(writtenByteCount: 0)
    while progress.writtenByteCount < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[progress.writtenByteCount...])
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        progress.writtenByteCount += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: waitForRoom(descriptor)
      case let fault:
        progress.fault = fault
        return progress
      }
    }
    return progress
  }

  /// Whatever poll(2) says, also that it failed, the next write says it better.
  private static func waitForRoom(_ descriptor: Int32) {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&request, 1, -1)
  }
}

/// What a printer does about a write that failed.
enum WriteVerdict: Equatable {
  /// Nobody reads any more: it ends quietly.
  case closed
  /// It keeps the lines and tries again: space, quotas and disks come back.
  case retry
  /// It was never going to work.
  case fail

  /// - Parameters:
  ///   - fault: errno of write(2), but not EINTR and EAGAIN, which are waited out.
  ///   - isOneOff: whether nothing is tried again.
  init(fault: Int32, isTerminal: Bool, isOneOff: Bool) {
    switch fault {
    case EPIPE, ECONNRESET: self = .closed
    case EIO where isTerminal: self = .closed
    case EBADF, EINVAL, EFAULT, EDESTADDRREQ, EMSGSIZE: self = .fail
    default: self = isOneOff ? .fail : .retry
    }
  }
}
