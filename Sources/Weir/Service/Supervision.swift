import Glibc

/// What a service manager asks of this process in its environment: sd_notify(3), sd_watchdog_enabled(3).
public struct Supervision: Sendable {
  /// Where it listens: a path, or `@` and a name.
  var address: String?
  /// How often it wants to hear of this process at least.
  var watchdog: Duration?
  /// What it asks for and cannot have, as sentences.
  var refusals: [String] = []

  /// nil where nobody asks.
  public init?(environment: [String: String]) {
    guard let address = environment["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
    guard let first = address.utf8.first, address.utf8.count > 1, Self.isKnown(first),
      address.utf8.count <= DatagramSocket.maxAddressBytes
    else {
      refusals.append("NOTIFY_SOCKET is no address of a socket, nothing is said there: \(address)")
      return
    }
    self.address = address
    readWatchdog(environment)
  }

  private static func isKnown(_ first: UInt8) -> Bool { first == UInt8(ascii: "/") || first == UInt8(ascii: "@") }

  private mutating func readWatchdog(_ environment: [String: String]) {
    guard let text = environment["WATCHDOG_USEC"], !text.isEmpty else { return }
    if let owner = environment["WATCHDOG_PID"], !owner.isEmpty {
      guard let owner = pid_t(owner), owner > 0 else {
        refusals.append("WATCHDOG_PID is no process, there is no watchdog: \(owner)")
        return
      }
      if owner != getpid() { return }
    }
    // Longer ones are told apart from none by nobody.
    guard let microseconds = Int64(text).map({ min($0, 1_000_000_000_000) }), microseconds > 0 else {
      refusals.append("WATCHDOG_USEC is no time, there is no watchdog: \(text)")
      return
    }
    watchdog = .microseconds(microseconds)
  }
}
