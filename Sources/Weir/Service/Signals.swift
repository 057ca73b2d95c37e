import CLinux
import Coroutines
import Glibc

/// The signals that the agent answers, as values that a routine awaits: signalfd(2).
///
/// `block()` belongs at the start of the process, before any thread is made, so that every thread inherits the mask.
public struct Signals: SignalSource {
  /// What a user or systemd asks for.
  public enum Request: Sendable {
    /// SIGTERM, SIGINT; SIGHUP for a command without a config.
    case stop
    /// SIGHUP.
    case reload
    /// SIGUSR1.
    case report
  }

  private static let answered = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]
  /// A shell has these ignored by what is to outlive it: `nohup`, or `&` in a script.
  private static let ignorable: Set = [SIGINT, SIGHUP]
  private let descriptor: Int32

  /// Takes the signals from their default actions. SIGPIPE and SIGXFSZ are ignored: the writes say EPIPE and EFBIG.
  ///
  /// - Parameter reloads: whether SIGHUP is no hangup, and answered also where it was ignored.
  public static func block(reloads: Bool = true) -> Signals {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var set = sigset_t()
    sigemptyset(&set)
    for number in answered {
      let isOfUse = reloads && number == SIGHUP || !ignorable.contains(number) || !isIgnored(number)
      if isOfUse { sigaddset(&set, number) }
    }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let descriptor = signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    precondition(descriptor >= 0, "no descriptor left for signalfd")
    return Signals(descriptor: descriptor)
  }

  /// signalfd(2) has a blocked signal also where it is ignored.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Waits for the next signal.
  ///
  /// - Throws: `CancellationError`.
  public func next(on scheduler: Scheduler) async throws -> Request {
    while true {
      var received = signalfd_siginfo()
      if read(descriptor, &received, MemoryLayout<signalfd_siginfo>.size) > 0 {
        return Self.request(for: Int32(received.ssi_signo))
      }
      try await scheduler.readable(descriptor)
    }
  }

  private static func request(for number: Int32) -> Request {
    switch number {
    case SIGHUP: .reload
    case SIGUSR1: .report
    default: .stop
    }
  }
}

/// Where requests to the agent come from.
protocol SignalSource: Sendable {
  /// Waits for the next request.
  ///
  /// - Throws: `CancellationError`.
  func next(on scheduler: Scheduler) async throws -> Signals.Request
}

extension Signals {
  /// Ends the process at once, with the status of a failure: nothing more is delivered or written.
  static func exitNow() -> Never { _exit(1) }
}
