import Coroutines
import Glibc
import SystemPackage

/// An open file, closed with the last reference.
final class Descriptor: ReadableFile {
  let number: Int32
  private let isOwned: Bool

  /// Opens with these flags of open(2), and O_CLOEXEC | O_NOCTTY.
  init(opening path: FilePath, flags: Int32) throws(SystemError) {
    let number = path.withPlatformString { open($0, flags | O_CLOEXEC | O_NOCTTY) }
    guard number >= 0 else { throw SystemError("open") }
    self.number = number
    isOwned = true
  }

  /// Owns `number` from now on.
  init(owning number: Int32) {
    self.number = number
    isOwned = true
  }

  /// Leaves `number` open when it goes: standard input.
  init(borrowing number: Int32) {
    self.number = number
    isOwned = false
  }

  deinit { if isOwned { close(number) } }

  /// As /proc has it, in which what was deleted has a name that leads nowhere.
  var name: FilePath? { try? Folder.target(ofLink: FilePath("/proc/self/fd/\(number)")) }

  func status() throws(SystemError) -> FileStatus { try .of(self) }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    var done = 0
    while done < bytes.count {
      let count = pread(number, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
      if count == 0 { break }
      if count > 0 {
        done += count
      } else if errno != EINTR {
        throw SystemError("pread")
      }
    }
    return done
  }

  /// read(2), once. 0: the stream has ended; nil: nothing to read now.
  func read(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
    while true {
      let count = Glibc.read(number, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      if errno == EAGAIN { return nil }
      if errno != EINTR { throw SystemError("read") }
    }
  }
}
