import Glibc
import Testing

/// The file that the input stands in which is being tried. It is left where that ends the process.
struct InputFile {
  let path: String
  private let descriptor: CInt

  init(for target: FuzzTarget) throws {
    var name = Array("/tmp/weir-fuzz-\(target.rawValue)-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    try #require(descriptor >= 0, "mkstemp: \(errno)")
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func write(_ bytes: [UInt8]) {
    #expect(ftruncate(descriptor, 0) == 0 && pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, "\(path)")
  }

  func remove() {
    close(descriptor)
    unlink(path)
  }
}
