/// Numbers with units as a config writes them, and why one is refused.
enum Quantity<Value> {
  case value(Value)
  case refused(String)
}

extension Quantity where Value == Duration {
  /// More than a century is a slip of the hand, and would overflow sums of times.
  private static var longestSeconds: Int { 100 * 365 * 86_400 }

  /// `500ms 30s 5m 1h 30d`, more than zero.
  init(duration text: String) {
    let units: [String: Int] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let (number, unit) = splitNumber(text) else {
      self = .refused("\(text.quoted) is not a duration; write it as 500ms, 30s, 5m, 1h or 30d")
      return
    }
    guard let milliseconds = units[unit] else {
      let problem = unit.isEmpty ? "\(text.quoted) has no unit" : "\(unit.quoted) is not a unit of time"
      self = .refused("\(problem); write it as 500ms, 30s, 5m, 1h or 30d")
      return
    }
    let (product, overflow) = (number ?? .max).multipliedReportingOverflow(by: milliseconds)
    if overflow || product > Self.longestSeconds * 1000 {
      self = .refused("\(text.quoted) is too long: 36500d at most")
    } else if product == 0 {
      self = .refused("\(text.quoted) is zero; a duration must be more than zero")
    } else {
      self = .value(.milliseconds(product))
    }
  }
}

extension Quantity where Value == Int {
  /// `64KiB 1MiB 2GiB`, `10MB` = 10,000,000, a plain number of bytes; in bytes, more than zero.
  init(size text: String) {
    let units: [String: Int] = [
      "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
      "KB": 1000, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]
    guard let (number, unit) = splitNumber(text) else {
      self = .refused("\(text.quoted) is not a size; write it as 64KiB, 1MiB, 2GiB or 10MB")
      return
    }
    guard let bytes = units[unit] else {
      self = .refused("\(unit.quoted) is not a unit of size; write it as 64KiB, 1MiB, 2GiB or 10MB")
      return
    }
    let (product, overflow) = (number ?? .max).multipliedReportingOverflow(by: bytes)
    if overflow || product == .max {
      self = .refused("\(text.quoted) is too large")
    } else if product == 0 {
      self = .refused("\(text.quoted) is zero; a size must be more than zero")
    } else {
      self = .value(product)
    }
  }
}

/// Leading ASCII digits (nil: more than an Int holds) and what follows them; nil without a digit.
private func splitNumber(_ text: String) -> (number: Int?, unit: String)? {
  let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  guard !digits.isEmpty else { return nil }
  let unit = String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self)
  return (Int(String(decoding: digits, as: UTF8.self)), unit)
}
