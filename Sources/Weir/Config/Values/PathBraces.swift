import Glibc
import SystemPackage

/// Braces in a pattern for paths: `{a,b}` stands for several patterns.
enum PathBraces {
  /// How many patterns one may stand for: each is walked and watched by itself.
  static let expansionLimit = 1000

  /// The patterns that one stands for, in its order; the pattern itself where no comma is in braces.
  ///
  /// - Throws: ``Failure`` where they are more than 1,000.
  static func expanding(_ pattern: FilePath) throws(Failure) -> [FilePath] {
    let bytes = pattern.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    guard let expansions = expansions(of: bytes) else {
      throw Failure(
        "\(pattern) stands for more than 1,000 paths", help: "put * for some of its braces, or name fewer alternatives")
    }
    return expansions.map { bytes in
      bytes.withUnsafeBytes { path in
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.count + 1) { copy in
          UnsafeMutableRawBufferPointer(copy).copyMemory(from: path)
          copy[path.count] = 0
          return FilePath(platformString: UnsafePointer(copy.baseAddress!))
        }
      }
    }
  }

  /// - Returns: nil where there are too many; that is seen before they are made.
  private static func expansions(of pattern: [UInt8]) -> [[UInt8]]? {
    var expansions = [pattern]
    var position = 0
    while position < expansions.count {
      let bytes = expansions[position]
      guard let (open, commas, close) = firstBraces(in: bytes) else {
        position += 1
        continue
      }
      guard expansions.count + commas.count <= expansionLimit else { return nil }
      let edges = [open] + commas + [close]
      let alternatives = zip(edges, edges.dropFirst()).map { edge, next in
        Array(bytes[..<open]) + bytes[(edge + 1)..<next] + bytes[(close + 1)...]
      }
      expansions.replaceSubrange(position...position, with: alternatives)
    }
    return expansions
  }

  /// The first `{` that has a comma at its own depth before its `}`.
  private static func firstBraces(in bytes: [UInt8]) -> (open: Int, commas: [Int], close: Int)? {
    for open in bytes.indices where bytes[open] == UInt8(ascii: "{") {
      var depth = 0
      var commas: [Int] = []
      for position in open..<bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ",") where depth == 1: commas.append(position)
        case UInt8(ascii: "}"):
          depth -= 1
          if depth == 0, !commas.isEmpty { return (open, commas, position) }
        default: break
        }
        if depth == 0 { break }
      }
    }
    return nil
  }
}
