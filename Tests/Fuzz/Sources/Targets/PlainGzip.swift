import CZlib

@testable import Weir

/// A gzip file of which all bytes are known, inflated at once.
struct PlainGzip {
  private(set) var content: [UInt8] = []
  private(set) var ending = GzipReader.Ending.cutOff

  init(unpacking file: [UInt8]) {
    var stream = z_stream()
    inflateInit2_(&stream, 31, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    defer { inflateEnd(&stream) }
    var input = file
    var output = [UInt8](repeating: 0, count: 1 << 16)
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = uInt(input.count)
      while true {
        let (result, made) = output.withUnsafeMutableBufferPointer { output in
          stream.next_out = output.baseAddress
          stream.avail_out = uInt(output.count)
          return (inflate(&stream, Z_NO_FLUSH), output.count - Int(stream.avail_out))
        }
        content += output[..<made]
        switch result {
        case Z_OK: continue
        case Z_BUF_ERROR: return
        case Z_STREAM_END:
          let rest = input.suffix(Int(stream.avail_in))
          // Behind a member stands another, or what is passed over.
          guard rest.starts(with: [0x1f, 0x8b]) || rest.elementsEqual([0x1f]) else { return ending = .whole }
          guard rest.count > 1 else { return }
          inflateReset(&stream)
        default: return ending = .damaged(stream.msg.map { String(cString: $0) } ?? "not in gzip format")
        }
      }
    }
  }

  /// As gzip(1) would, in one or several members, with blocks of all kinds.
  static func packed(_ content: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var packed: [UInt8] = []
    var rest = content[...]
    repeat {
      let count = Int.random(in: 0...rest.count, using: &random)
      let isLast = Bool.random(using: &random)
      packed += member(Array(isLast ? rest : rest.prefix(count)), level: CInt.random(in: 0...9, using: &random))
      rest = isLast ? [] : rest.dropFirst(count)
    } while !rest.isEmpty
    return packed
  }

  private static func member(_ content: [UInt8], level: CInt) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var content = content
    var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(content.count))))
    return content.withUnsafeMutableBufferPointer { content in
      packed.withUnsafeMutableBufferPointer { packed in
        stream.next_in = content.baseAddress
        stream.avail_in = uInt(content.count)
        stream.next_out = packed.baseAddress
        stream.avail_out = uInt(packed.count)
        deflate(&stream, Z_FINISH)
        return Array(packed.dropLast(Int(stream.avail_out)))
      }
    }
  }
}
