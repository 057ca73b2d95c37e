/// What gzip(1) writes, without its compression: stored blocks (RFC 1951, 3.2.4) in a member (RFC 1952).
enum Gzip {
  static func compress(_ bytes: [UInt8], blockBytes: Int = 1000) -> [UInt8] {
    var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    var position = 0
    repeat {
      let block = bytes[position..<min(bytes.count, position + blockBytes)]
      position += block.count
      let length = UInt16(block.count)
      packed.append(position == bytes.count ? 1 : 0)
      packed += [UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
      packed += [UInt8(truncatingIfNeeded: ~length), UInt8(~length >> 8)]
      packed += block
    } while position < bytes.count
    return packed + littleEndian(crc(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
  }

  private static func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(truncatingIfNeeded: $0) & 0xff ^ Int($1)] ^ ($0 >> 8) }
  }
}
