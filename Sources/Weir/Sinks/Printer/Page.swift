/// Bytes on their way to the output: the lines of one delivery as they are printed, written in one go.
struct Page {
  private(set) var bytes: [UInt8] = []

  /// Empties the page and keeps its memory, up to `bytesLimit` of it.
  mutating func clear(keepingUpTo bytesLimit: Int) {
    bytes.removeAll(keepingCapacity: bytes.capacity <= bytesLimit)
  }

  mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

  mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func appendLineFeed() { bytes.append(.lineFeed) }

  /// `number` in decimal digits.
  mutating func append(decimal number: UInt64) {
    let first = bytes.count
    var rest = number
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[first...].reverse()
  }

  /// `number` in that many digits, zeros first.
  private mutating func append(_ number: Int, digits: Int) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// `byte` as two hexadecimal digits.
  mutating func append(hexadecimal byte: UInt8) {
    for digit in [byte >> 4, byte & 15] { bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
  }

  /// ISO 8601 in UTC with milliseconds, `2026-01-31T23:59:59.999Z`; years 0 to 9999.
  ///
  /// The date is Howard Hinnant's `civil_from_days`, which counts years from March so that leap days come last.
  mutating func append(timeMilliseconds milliseconds: Int64) {
    let millisecondsPerDay: Int64 = 86_400_000
    let ofDay = Int(((milliseconds % millisecondsPerDay) + millisecondsPerDay) % millisecondsPerDay)
    let days = Int((milliseconds - Int64(ofDay)) / millisecondsPerDay) + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    append(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), digits: 4)
    for (mark, number) in [
      ("-", month), ("-", dayOfYear - (153 * monthFromMarch + 2) / 5 + 1), ("T", ofDay / 3_600_000),
      (":", ofDay / 60_000 % 60), (":", ofDay / 1000 % 60),
    ] as [(StaticString, Int)] {
      append(mark)
      append(number, digits: 2)
    }
    append(".")
    append(ofDay % 1000, digits: 3)
    append("Z")
  }

  /// Base64 of RFC 4648, padded.
  mutating func append(base64 source: UnsafeRawBufferPointer) {
    for first in stride(from: 0, to: source.count, by: 3) {
      let count = min(3, source.count - first)
      var bits: UInt32 = 0
      for index in 0..<3 { bits = bits << 8 | (index < count ? UInt32(source[first + index]) : 0) }
      for digit in 0..<4 {
        bytes.append(
          digit <= count ? Self.base64Digit(UInt8(bits >> (18 - 6 * UInt32(digit)) & 63)) : UInt8(ascii: "="))
      }
    }
  }

  private static func base64Digit(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}

extension UInt8 {
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
}
