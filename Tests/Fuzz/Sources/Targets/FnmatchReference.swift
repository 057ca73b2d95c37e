import Glibc
import SystemPackage

@testable import Weir

/// What fnmatch(3) says of a name, where it and we mean the same.
enum FnmatchReference {
  private nonisolated(unsafe) static let locale = newlocale(LC_CTYPE_MASK | LC_COLLATE_MASK, "C.UTF-8", nil)

  static func check(_ pattern: FilePath.Component, _ name: FilePath.Component) throws(FuzzFinding) {
    guard isComparable(pattern.string), isComparable(name.string), !hasOtherMeaning(pattern.string, name.string) else {
      return
    }
    let glob = GlobName(pattern)
    for (flags, allowsHidden) in [(FNM_PATHNAME | FNM_PERIOD, false), (FNM_PATHNAME, true)] {
      let expected = fnmatch(pattern, name, flags)
      try must(
        glob.matches(name, allowsHidden: allowsHidden) == expected,
        "\(pattern) and \(name): fnmatch(3) says \(expected)\(allowsHidden ? ", hidden names too" : "")")
    }
  }

  private static func fnmatch(_ pattern: FilePath.Component, _ name: FilePath.Component, _ flags: CInt) -> Bool {
    let before = uselocale(locale)
    defer { uselocale(before) }
    return pattern.withPlatformString { pattern in
      name.withPlatformString { Glibc.fnmatch(pattern, $0, flags) == 0 }
    }
  }

  /// Bytes that are not UTF-8 are bytes here and something else there.
  private static func isComparable(_ text: String) -> Bool {
    locale == nil ? text.utf8.allSatisfy { $0 < 0x80 } : !text.unicodeScalars.contains("\u{fffd}")
  }

  /// `[[:alpha:]]` and the like mean something there; a `\` at the end of a pattern is an error there, and itself here;
  /// a set is not of characters there where one is not ASCII, glibc 2.36 in C.UTF-8 being asked.
  private static func hasOtherMeaning(_ pattern: String, _ name: String) -> Bool {
    let hasClass = [":", ".", "="].contains { pattern.contains("[\($0)") }
    let endsInEscape = pattern.utf8.reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    // An unfinished range in an unclosed set keeps glibc from taking the bracket as it is.
    let hasSet = pattern.utf8.contains(UInt8(ascii: "["))
    if hasSet, pattern.hasSuffix("-") { return true }
    return hasClass || endsInEscape || hasSet && (pattern + name).utf8.contains { $0 >= 0x80 }
  }
}
