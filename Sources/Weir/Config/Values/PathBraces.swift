import Glibc
import SystemPackage

/// Braces in a pattern for paths: `{a,b}` stands for several patterns; behind `\` a brace or comma is itself.
enum PathBraces {
  /// How many patterns one may stand for: each is walked and watched by itself.
  static let expansionLimit = 1000
  /// How many bytes they may be together: of as many paths as long as a path can be.
  static let expansionBytesLimit = expansionLimit * Int(PATH_MAX)

  /// The patterns that one stands for, in its order; the pattern itself where no comma is in braces.
  ///
  /// - Throws: ``Failure`` where they are more than 1,000, or too long together.
  static func expanding(_ pattern: FilePath) throws(Failure) -> [FilePath] {
    let bytes = pattern.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    guard let expansions = expansions(of: bytes) else {
      throw Failure(
        "\(pattern.string.quoted) stands for more than 1,000 paths",
        help: "put * for some of its braces, or name fewer alternatives")
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
    var expansions = [(bytes: pattern, start: 0)]
    var byteCount = pattern.count
    var position = 0
    while position < expansions.count {
      let (bytes, start) = expansions[position]
      guard let (open, commas, close) = firstBraces(in: bytes, from: start) else {
        position += 1
        continue
      }
      // Each alternative has all around the braces, of which one is there already.
      let around = bytes.count - (close + 1 - open)
      byteCount += around * commas.count - commas.count - 2
      guard expansions.count + commas.count <= expansionLimit, byteCount <= expansionBytesLimit else { return nil }
      let edges = [open] + commas + [close]
      let alternatives = zip(edges, edges.dropFirst()).map { edge, next in
        // What stands before the braces has none that could still be expanded.
        (bytes: Array(bytes[..<open]) + bytes[(edge + 1)..<next] + bytes[(close + 1)...], start: open)
      }
      expansions.replaceSubrange(position...position, with: alternatives)
    }
    return expansions.map(\.bytes)
  }

  /// The first `{` that has a comma at its own depth before its `}`; in one pass, however many are never closed.
  private static func firstBraces(in bytes: [UInt8], from start: Int) -> (open: Int, commas: [Int], close: Int)? {
    var opened: [(open: Int, commas: [Int])] = []
    var first: (open: Int, commas: [Int], close: Int)?
    var position = start
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\\"): position += 1
      case UInt8(ascii: "{"): opened.append((position, []))
      case UInt8(ascii: ",") where !opened.isEmpty: opened[opened.count - 1].commas.append(position)
      case UInt8(ascii: "}"):
        guard let (open, commas) = opened.popLast() else { break }
        if !commas.isEmpty, open < first?.open ?? .max { first = (open, commas, position) }
        if opened.isEmpty, let first { return first }
      default: break
      }
      position += 1
    }
    return first
  }
}
