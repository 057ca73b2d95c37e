import Coroutines
import Glibc

/// Sends datagrams to one Unix address, and never waits.
final class DatagramSocket: Sendable {
  private let descriptor: Descriptor
  private let address: [UInt8]

  /// How long an address may be.
  static let maxAddressBytes = MemoryLayout<sockaddr_un>.size - MemoryLayout<sa_family_t>.size

  /// - Parameter address: a path, or `@` and a name in the abstract namespace of unix(7).
  init(to address: String) throws(SystemError) {
    var bytes = Array(address.utf8.prefix(Self.maxAddressBytes))
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    self.address = bytes
    let kind = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let number = socket(AF_UNIX, Int32(kind), 0)
    guard number >= 0 else { throw SystemError("socket") }
    descriptor = Descriptor(owning: number)
  }

  /// Sends `text` as one datagram.
  ///
  /// - Returns: whether there was room for it.
  func send(_ text: String) throws(SystemError) -> Bool {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
    let text = Array(text.utf8)
    while true {
      let count = withUnsafePointer(to: name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(descriptor.number, text, text.count, Int32(MSG_NOSIGNAL), $0, size)
        }
      }
      if count >= 0 { return true }
      if errno == EAGAIN || errno == ENOBUFS { return false }
      if errno != EINTR { throw SystemError("sendto") }
    }
  }
}
