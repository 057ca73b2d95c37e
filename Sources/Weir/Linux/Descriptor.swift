import Coroutines
import Glibc
import SystemPackage

/// An open file, closed with the last reference.
final class Descriptor: Sendable {
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

  /// pread(2), repeated when a signal interrupts it. Fewer bytes than asked for: the file ends there.
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

  /// The bytes from `offset` on, `count` at most.
  func bytes(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
    var result = Result<Int, SystemError>.success(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(SystemError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch {
        result = .failure(error)
      }
    }
    _ = try result.get()
    return bytes
  }
}
