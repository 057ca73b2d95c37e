import CZlib
import Coroutines
import Glibc

/// zlib's inflate(3) for one gzip member after the other: header, content, checksum and length.
///
/// Unsafe by nature and therefore small: zlib keeps the address of its stream, so that has one for life. About 45 KiB.
/// Owner: one at a time.
final class Inflater {
  /// Where a call has ended.
  enum Outcome: Equatable {
    /// The input is used up, or the output full.
    case more
    /// The member is whole: checksum and length are right.
    case memberEnd
    /// No gzip, or not as it was written; nothing more comes of it.
    case damaged(String)
  }

  private let stream: UnsafeMutablePointer<z_stream>

  /// - Throws: ENOMEM.
  init() throws(SystemError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16 for gzip's header and trailer.
    let result = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw SystemError("inflateInit2", code: ENOMEM) }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// A new member begins with the next input.
  func beginMember() { inflateReset(stream) }

  /// Takes of `input` what it needs to fill `output`, which is not empty. Without input it gives what was held back
  /// when the output was full.
  ///
  /// - Throws: ENOMEM; nothing is taken then.
  func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> (taken: Int, made: Int, outcome: Outcome) {
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: Bytef.self).baseAddress)
    stream.pointee.avail_in = uInt(input.count)
    stream.pointee.next_out = output.assumingMemoryBound(to: Bytef.self).baseAddress
    stream.pointee.avail_out = uInt(output.count)
    let result = CZlib.inflate(stream, Z_NO_FLUSH)
    let taken = input.count - Int(stream.pointee.avail_in)
    let made = output.count - Int(stream.pointee.avail_out)
    switch result {
    case Z_OK, Z_BUF_ERROR: return (taken, made, .more)
    case Z_STREAM_END: return (taken, made, .memberEnd)
    case Z_MEM_ERROR: throw SystemError("inflate", code: ENOMEM)
    default: return (taken, made, .damaged(stream.pointee.msg.map { String(cString: $0) } ?? "not in gzip format"))
    }
  }
}
