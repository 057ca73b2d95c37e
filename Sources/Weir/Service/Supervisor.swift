import Coroutines
import Logging

/// systemd, or who else started this process as a service: what it is told, and that it hears it.
///
/// An actor on the scheduler. Nothing here waits for the service manager. What goes wrong is said once, until it goes
/// well.
actor Supervisor {
  /// How soon something is sent again for which there was no room.
  private static let retryInterval = Duration.milliseconds(100)
  /// However short the watchdog is.
  private static let shortestBeat = Duration.milliseconds(1)

  nonisolated let scheduler: Scheduler
  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }
  private let socket: DatagramSocket?
  private let watchdog: Duration?
  private let log: Logger
  /// What has to be heard and is not sent yet, in order.
  private var unsent: [String] = []
  private var retry: Routine<Void>?
  private var beats: Routine<Void>?
  /// As it was sent last.
  private var status = ""
  private var hasComplained = false

  init(_ supervision: Supervision, scheduler: Scheduler, log: Logger) {
    self.scheduler = scheduler
    self.log = log
    for refusal in supervision.refusals { log.warning("\(refusal)") }
    var socket: DatagramSocket?
    do { socket = try supervision.address.map { address in try DatagramSocket(to: address) } } catch {
      log.warning("the service manager cannot be told anything: \(error)")
    }
    self.socket = socket
    watchdog = socket == nil ? nil : supervision.watchdog
  }

  /// Says WATCHDOG=1 from now on, while the scheduler turns. Without a watchdog there is no timer.
  func startWatchdog() {
    guard let interval = watchdog.map({ max($0 / 2, Self.shortestBeat) }), beats == nil else { return }
    beats = scheduler.spawn(name: "watchdog") {
      while true {
        await self.beat()
        try await self.scheduler.sleep(for: interval)
      }
    }
  }

  /// That the start or a reload is over.
  func sayReady(_ status: String) {
    self.status = status
    sayUntilSent("READY=1\nSTATUS=\(status)")
  }

  func sayReloading() { sayUntilSent("RELOADING=1\nMONOTONIC_USEC=\(scheduler.clock.now.nanoseconds / 1000)") }

  func sayStopping() { sayUntilSent("STOPPING=1") }

  /// Said where it differs from the last one; dropped where there is no room, until the next one.
  func say(status: String) {
    guard status != self.status, unsent.isEmpty else { return }
    if send("STATUS=\(status)") { self.status = status }
  }

  private func beat() { _ = send("WATCHDOG=1") }

  private func sayUntilSent(_ text: String) {
    unsent.append(text)
    sendUnsent()
  }

  private func sendUnsent() {
    while let text = unsent.first, send(text) { unsent.removeFirst() }
    guard let text = unsent.first, retry == nil else { return }
    complain("the service manager does not read, it is told later: \(text.prefix { $0 != "\n" })")
    retry = scheduler.spawn(name: "service manager", after: Self.retryInterval) { await self.sendAgain() }
  }

  private func sendAgain() {
    retry = nil
    sendUnsent()
  }

  /// - Returns: false where there is no room now.
  private func send(_ text: String) -> Bool {
    guard let socket else { return true }
    do {
      guard try socket.send(text) else { return false }
      hasComplained = false
      return true
    } catch {
      complain("the service manager is not told \(text.prefix { $0 != "\n" }): \(error)")
      return true
    }
  }

  private func complain(_ sentence: String) {
    if !hasComplained { log.warning("\(sentence)") }
    hasComplained = true
  }
}
