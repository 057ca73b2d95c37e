import Glibc

/// A server on the loopback that answers one HTTP request with one page, in its own time.
final class PageServer: Sendable {
  let port: UInt16
  private let listener: Int32

  init() {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let size = length
    let isBound = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, address, &length) == 0
      }
    }
    precondition(isBound, "no port on the loopback")
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(listener) }

  /// Waits for a request, and answers it once `gate` is open. It blocks.
  func answer(_ page: String, after gate: Gate) {
    let connection = accept(listener, nil, nil)
    _ = Self.text(from: connection, until: "\r\n\r\n")
    gate.pass()
    Self.write("HTTP/1.0 200 OK\r\nContent-Length: \(page.utf8.count)\r\n\r\n\(page)", to: connection)
    close(connection)
  }

  /// Gets the page, as `requests.get(url).text` does. It blocks.
  static func fetch(port: UInt16) -> String {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(connection) }
    var address = loopback(port: port)
    let status = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { return "no connection" }
    write("GET / HTTP/1.0\r\n\r\n", to: connection)
    let answer = text(from: connection, until: nil)
    guard let head = answer.firstRange(of: "\r\n\r\n") else { return "no page" }
    return String(answer[head.upperBound...])
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func write(_ text: String, to connection: Int32) {
    let bytes = Array(text.utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What comes up to `end`, or until the other side closes.
  private static func text(from connection: Int32, until end: String?) -> String {
    var text = ""
    var part = [UInt8](repeating: 0, count: 4096)
    while end.map({ !text.hasSuffix($0) }) ?? true, case let count = recv(connection, &part, part.count, 0), count > 0 {
      text += String(decoding: part.prefix(count), as: UTF8.self)
    }
    return text
  }
}
