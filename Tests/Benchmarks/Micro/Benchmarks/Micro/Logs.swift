import Glibc
import SystemPackage

@testable import Weir

/// A log as others write it, the same bytes in each run.
enum Logs {
  /// Of one read.
  static let chunkLines = 8_000
  /// One line in a hundred has it.
  static let needle = "payment_gateway_timeout"
  /// Strings of which one line in a hundred has one.
  static let hundred = (0..<100).map { "rare_condition_\($0)_" }

  /// The lines.
  static let chunk: [UInt8] = {
    var text = ""
    for number in 0..<chunkLines {
      text += "2026-11-28T05:23:\(10 + number % 50).123 host-\(number % 7) app[\(1000 + number % 97)]: "
      switch number % 100 {
      case 13: text += "ERROR \(needle) after \(number % 1000) ms, user=u\(number % 31) order=\(number)\n"
      case 57: text += "WARN \(hundred[number / 100 % 100]) seen, user=u\(number % 31) retry=\(number % 5)\n"
      default: text += "GET /api/v1/items/\(number) 200 \(number % 5000) bytes in \(number % 300) ms\n"
      }
    }
    return Array(text.utf8)
  }()

  /// A batch over `bytes`, which stand at `start` in their file.
  static func batch(_ bytes: [UInt8], at start: UInt64 = 0) -> Batch {
    Batch(
      origin: origin, start: start, end: start + UInt64(bytes.count), block: Block(copying: bytes),
      range: 0..<bytes.count, head: bytes.prefix(1024).withUnsafeBytes { Fingerprint(of: $0) },
      marker: bytes.withUnsafeBytes { .marker(before: $0) }, readAtMilliseconds: 1_700_000_000_000)
  }

  /// The file that batches are said to be of.
  static let origin = Origin(path: "/var/log/app.log", identity: FileIdentity(device: 1, inode: 7))
}

/// A folder that is there as long as this is.
final class TemporaryFolder: Sendable {
  let path: FilePath

  init() {
    var template = Array("/tmp/weir-micro-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { fatalError("no folder in /tmp: \(Errno(rawValue: errno))") }
    path = FilePath(platformString: made)
  }

  deinit {
    for name in (try? Folder.names(in: path)) ?? [] { unlink(path.appending(name).string) }
    rmdir(path.string)
  }

  /// Writes a file of the same bytes so many times.
  ///
  /// - Returns: its path.
  func write(_ bytes: [UInt8], times: Int, to name: String) throws -> FilePath {
    let file = path.appending(name)
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: FilePermissions(rawValue: 0o644))
    try descriptor.closeAfter { for _ in 0..<times { _ = try descriptor.writeAll(bytes) } }
    return file
  }
}
