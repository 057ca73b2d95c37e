import SystemPackage

@testable import Weir

/// Globs. An input is a line with a pattern and lines with paths.
///
/// Braces are expanded as plain recursion expands them, up to their limit; what a glob selects is what fnmatch(3)
/// selects, name by name, and `**` any number of names.
enum GlobTarget {
  /// Plain recursion takes too long for more.
  private static let comparedBytesLimit = 300

  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    var input = FuzzInput(bytes)
    let text = pathBytes(input.line())
    var paths: [FilePath] = []
    while !input.rest.isEmpty, paths.count < 8 { paths.append(path(pathBytes(input.line()))) }
    let pattern = path(text)
    let patterns = try checkBraces(of: pattern)
    for pattern in patterns.prefix(4) {
      let glob = Glob(pattern)
      for path in paths {
        try must(
          glob.matches(path) == selects(glob.parts[...], Array(path.components)[...]), "\(pattern) and \(path)")
        for name in path.components {
          for component in pattern.components { try FnmatchReference.check(component, name) }
        }
      }
    }
  }

  /// - Returns: what the pattern stands for; nothing where that is too much.
  private static func checkBraces(of pattern: FilePath) throws(FuzzFinding) -> [FilePath] {
    let found: [FilePath]?
    do throws(Failure) { found = try PathBraces.expanding(pattern) } catch { found = nil }
    let bytes = bytes(of: pattern)
    guard bytes.count <= comparedBytesLimit else { return found ?? [] }
    let expected = PlainBraces(limit: PathBraces.expansionLimit).expansions(of: bytes)
    try must((found == nil) == (expected == nil), "\(pattern) stands for \(expected?.count ?? -1) paths")
    guard let found, let expected else { return [] }
    try must(found == expected.map(path), "\(pattern) stands for \(found) instead of \(expected.map(path))")
    return found
  }

  /// `**` is tried with every number of names; a table keeps that from taking forever.
  private static func selects(_ parts: ArraySlice<Glob.Part>, _ names: ArraySlice<FilePath.Component>) -> Bool {
    var isSelected = [Bool](repeating: false, count: names.count + 1)
    isSelected[names.count] = true
    for part in parts.reversed() {
      var next = [Bool](repeating: false, count: names.count + 1)
      for index in (0...names.count).reversed() {
        if part == .anyDepth {
          next[index] = isSelected[index] || (index < names.count && next[index + 1])
        } else if index < names.count {
          next[index] = isSelected[index + 1] && selects(part, names[index])
        }
      }
      isSelected = next
    }
    return isSelected[0]
  }

  private static func selects(_ part: Glob.Part, _ name: FilePath.Component) -> Bool {
    if case .wildcard(let pattern) = part { return pattern.matches(name, allowsHidden: true) }
    return part.matches(name)
  }

  /// No path holds a NUL.
  private static func pathBytes(_ line: [UInt8]) -> [UInt8] { line.filter { $0 != 0 } }

  static func path(_ bytes: [UInt8]) -> FilePath {
    (bytes + [0]).withUnsafeBytes { FilePath(platformString: $0.bindMemory(to: CChar.self).baseAddress!) }
  }

  private static func bytes(of path: FilePath) -> [UInt8] { path.withBytes { Array($0) } }
}
