/// An input, taken apart line by line: so seeds can be written and read as text.
struct FuzzInput {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// The bytes up to the next LF, which is taken too; what is left where there is none.
  mutating func line() -> [UInt8] {
    let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
    defer { rest = end < rest.endIndex ? rest[(end + 1)...] : [] }
    return Array(rest[..<end])
  }

  /// A line of decimal numbers; what is no digit parts them. Missing ones are 0, and they wrap around.
  mutating func numbers(_ count: Int) -> [UInt64] {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let numbers = line().split { !digits.contains($0) }.map { text in
      text.reduce(UInt64(0)) { $0 &* 10 &+ UInt64($1 - digits.lowerBound) }
    }
    return Array((numbers + Array(repeating: 0, count: count)).prefix(count))
  }
}
