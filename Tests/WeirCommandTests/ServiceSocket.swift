import Glibc
import Testing

/// Where a service manager listens: datagrams, in the order in which they came.
final class ServiceSocket {
  private let number: Int32
  let address: String
  private(set) var heard: [String] = []

  /// - Parameter address: a path, or `@` and a name.
  init(at address: String) throws {
    self.address = address
    number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    try #require(number >= 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(address.utf8)
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let isBound = withUnsafePointer(to: name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) == 0 }
    }
    try #require(isBound, "\(address): \(String(cString: strerror(errno)))")
  }

  deinit { close(number) }

  /// What weir is given of it.
  var environment: [String: String] { ["NOTIFY_SOCKET": address] }

  /// The next datagram; nil where none comes in time.
  @discardableResult
  func next(within milliseconds: Int32 = 20_000) -> String? {
    var waiting = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(number, &bytes, bytes.count, 0)
    guard count >= 0 else { return nil }
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    heard.append(text)
    return text
  }

  /// Waits for the next datagram that begins so, passing over others.
  @discardableResult
  func await_(_ start: String) throws -> String {
    while true {
      let text = try #require(next(), "no \(start) was said, but \(heard)")
      if text.hasPrefix(start) { return text }
    }
  }
}
