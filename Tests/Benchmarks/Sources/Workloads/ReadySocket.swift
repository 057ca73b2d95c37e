import Glibc

/// Where a service says that it is ready, as systemd has it.
final class ReadySocket {
  private let socket: Int32
  let path: String

  init(in folder: Folder) throws {
    path = folder.path("ready")
    unlink(path)
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Failure("\(path) is too long") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 }
    }
    guard isBound else { throw Failure.call(path) }
  }

  deinit { close(socket) }

  /// Waits until READY=1 is said; or until `daemon`, which may have nothing to say, watches files and rests.
  func wait(for daemon: Daemon) throws {
    var (cpuSeconds, since) = (0.0, 0.0)
    try waitUntil("READY=1 was said", atMost: 180) {
      if try hasHeard() { return true }
      let now = try daemon.cpuSeconds
      if now > cpuSeconds { (cpuSeconds, since) = (now, seconds(CLOCK_MONOTONIC)) }
      return try daemon.watchCount > 0 && seconds(CLOCK_MONOTONIC) - since > 0.3
    }
  }

  /// Waits until READY=1 is said, and takes nothing else for it.
  func wait() throws {
    var ready = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    while try !hasHeard() {
      guard poll(&ready, 1, 5000) > 0 else { throw Failure("nothing said READY=1 in five seconds") }
    }
  }

  private func hasHeard() throws -> Bool {
    var message = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(socket, &message, message.count, Int32(MSG_DONTWAIT)), count > 0 {
      if String(decoding: message.prefix(count), as: UTF8.self).contains("READY=1") { return true }
    }
    return false
  }
}
