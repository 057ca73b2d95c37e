import CLinux
import Glibc

/// Where lines begin and end in a batch's bytes. Lines are cut out around what the scan found, and one after
/// another only where every line must be looked at.
///
/// On pointers, for it runs for every line; every place is within the bytes that it was given.
struct LineBounds {
  let base: UnsafeRawPointer
  let count: Int

  /// - Precondition: `bytes` is not empty and outlives this.
  init(_ bytes: UnsafeRawBufferPointer) {
    base = bytes.baseAddress!
    count = bytes.count
  }

  /// Where the line with the byte at `place` begins; an LF belongs to the line that it ends.
  @inline(__always)
  func start(around place: Int) -> Int {
    guard let newline = linux_memrchr(base, 10, place) else { return 0 }
    return newline - base + 1
  }

  /// Where the first LF at `place` or behind stands; `count` if there is none.
  @inline(__always)
  func newline(from place: Int) -> Int {
    guard let newline = memchr(base + place, 10, count - place) else { return count }
    return UnsafeRawPointer(newline) - base
  }

  /// Behind the last byte of the content of the line that begins at `start` and whose LF is at `newline`: a CR
  /// before an LF is part of the terminator, any other is content.
  @inline(__always)
  func contentEnd(start: Int, newline: Int) -> Int {
    let hasCR = newline < count && newline > start && base.load(fromByteOffset: newline - 1, as: UInt8.self) == 13
    return hasCR ? newline - 1 : newline
  }

  /// A line's content.
  @inline(__always)
  func content(start: Int, end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: end - start)
  }
}
