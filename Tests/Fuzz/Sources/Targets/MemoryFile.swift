import Coroutines
import SystemPackage

@testable import Weir

/// A file of which a part is there. One thread has it.
final class MemoryFile: ReadableFile, @unchecked Sendable {
  let bytes: [UInt8]
  /// How much of it is there.
  var size = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func status() -> FileStatus {
    FileStatus(
      identity: FileIdentity(device: 1, inode: 1), kind: .regular, size: UInt64(size), linkCount: 1, modifiedAt: .zero)
  }

  func read(into target: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
    guard offset < UInt64(size) else { return 0 }
    let part = bytes[Int(offset)..<min(size, Int(offset) + target.count)]
    target.copyBytes(from: part)
    return part.count
  }
}
