import Glibc
import SystemPackage

/// What stands for paths in ``FollowPlan/paths``, as a command line needs to know it.
public enum PathPattern {
  /// The pattern that stands for this path alone, whatever characters it has.
  public static func literal(_ path: FilePath) -> FilePath {
    let escaped = path.withPlatformString { text in
      UnsafeRawBufferPointer(start: text, count: strlen(text)).flatMap { byte in
        Array("*?[]{},\\".utf8).contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte]
      }
    }
    return (escaped.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { text in
      FilePath(platformString: text.baseAddress!)
    }
  }

  /// The paths that a pattern names, in the order of its braces; nil if it is a glob, which any number of files may
  /// match.
  ///
  /// - Throws: ``Failure`` where it stands for more than 1,000 paths.
  public static func paths(of pattern: FilePath) throws(Failure) -> [FilePath]? {
    var paths: [FilePath] = []
    for glob in try Glob.expanding(pattern) {
      guard glob.isPlain else { return nil }
      paths.append(FilePath(root: pattern.root, glob.literals))
    }
    return paths
  }

  /// Whether there is something that an absolute pattern selects.
  public static func isMatched(_ pattern: FilePath) -> Bool {
    guard let globs = try? Glob.expanding(pattern) else { return false }
    return globs.contains { !GlobWalk($0, in: LinuxFiles(), for: .pattern(0), watches: nil).found.isEmpty }
  }
}

extension Glob {
  /// The names that are written out in it.
  fileprivate var literals: [FilePath.Component] {
    parts.compactMap { if case .literal(let name) = $0 { name } else { nil } }
  }
}
