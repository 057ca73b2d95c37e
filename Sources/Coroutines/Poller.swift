import CLinux
import Glibc

/// A system call that failed.
public struct SystemError: Error, CustomStringConvertible, Equatable {
  /// The call, as its manual page names it.
  public let call: String
  /// errno as it was after the call.
  public let code: Int32

  /// Takes errno as it is now unless told otherwise.
  public init(_ call: String, code: Int32 = errno) {
    self.call = call
    self.code = code
  }

  /// The call, and what strerror(3) says of the code.
  public var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// Waits in the kernel until a descriptor is readable, a deadline comes or another thread calls: epoll(7).
///
/// Owner: the scheduler's thread; `wake` belongs to any.
final class Poller: @unchecked Sendable {
  private let epoll: Int32
  private let bell: Int32
  private var watches: [Int32: OnReady] = [:]
  /// What one epoll_wait(2) fills.
  private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 64)

  /// Called once: when the descriptor can be read or has ended, or is refused.
  typealias OnReady = (Result<Void, any Error>) -> Void

  init() {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(epoll >= 0 && bell >= 0, "no descriptor left for epoll or eventfd")
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.fd = bell
    epoll_ctl(epoll, EPOLL_CTL_ADD, bell, &event)
  }

  deinit {
    events.deallocate()
    close(bell)
    close(epoll)
  }

  /// Ends a `wait` that is under way, or the next one.
  func wake() {
    var one: UInt64 = 1
    _ = write(bell, &one, 8)  // EAGAIN: the bell rings already
  }

  /// Calls `onReady` once when the descriptor can be read, or has ended.
  ///
  /// One watch a descriptor. EPERM means a regular file or folder, which is always readable.
  func watch(_ descriptor: Int32, _ onReady: @escaping OnReady) {
    precondition(watches[descriptor] == nil, "two routines wait for descriptor \(descriptor)")
    watches[descriptor] = onReady
    var event = epoll_event()
    event.events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue
    event.data.fd = descriptor
    if epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0 { return }
    if errno == ENOENT, epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 { return }
    let failure = SystemError("epoll_ctl")
    forget(descriptor)
    onReady(failure.code == EPERM ? .success(()) : .failure(failure))
  }

  /// The descriptor is not looked at any more.
  func forget(_ descriptor: Int32) { watches[descriptor] = nil }

  /// Whether anyone waits for a descriptor.
  var isWatching: Bool { !watches.isEmpty }

  /// Sleeps until something happens; `timeout` nil is for ever, zero not at all.
  func wait(timeout: Duration?) {
    let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout.map(Self.milliseconds) ?? -1)
    guard count > 0 else { return }  // the time is over, or EINTR: the loop looks again
    for event in events.prefix(Int(count)) {
      if event.data.fd == bell {
        var rung: UInt64 = 0
        _ = read(bell, &rung, 8)
      } else {
        watches.removeValue(forKey: event.data.fd)?(.success(()))
      }
    }
  }

  /// epoll_wait(2) counts in milliseconds: rounded up, so that a timer is never early.
  private static func milliseconds(_ timeout: Duration) -> Int32 {
    Int32(clamping: (timeout.nanoseconds + 999_999) / 1_000_000)
  }
}
