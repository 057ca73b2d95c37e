import Glibc
import SystemPackage

/// A pattern for absolute paths, name by name; `**` stands for any number of folders.
struct Glob: Equatable, Sendable {
  enum Part: Equatable, Sendable {
    case literal(FilePath.Component)
    case wildcard(GlobName)
    case anyDepth
    /// What `**` looks for in each folder: more folders.
    case anyFolder

    /// Whether the part selects a name in its folder.
    func matches(_ name: FilePath.Component) -> Bool {
      switch self {
      case .literal(let literal): name == literal
      case .wildcard(let pattern): pattern.matches(name)
      case .anyDepth, .anyFolder: !Glob.isHidden(name)
      }
    }
  }

  /// From the root on.
  let parts: [Part]
  /// Whether it can name one path alone.
  let isPlain: Bool
  /// Whether it is of a name alone, in any folder.
  let isOfName: Bool

  init(_ pattern: FilePath) {
    var parts: [Part] = []
    for part in pattern.components.map(Self.part) where part != .anyDepth || parts.last != .anyDepth {
      parts.append(part)
    }
    if parts.last == .anyDepth { parts.append(.wildcard(GlobName("*"))) }
    self.parts = parts
    isPlain = parts.allSatisfy { if case .literal = $0 { true } else { false } }
    isOfName = pattern.isRelative && parts.count == 1
  }

  /// The path as it is, whatever characters it has.
  init(plain path: FilePath) {
    parts = path.components.map { .literal($0) }
    isPlain = true
    isOfName = false
  }

  /// Whether it selects a path; a hidden name needs no dot of its own here, as it was selected before.
  func matches(_ path: FilePath) -> Bool {
    let names = Array(path.components)
    var (part, name) = (0, 0)
    var retry: (part: Int, name: Int)?
    while name < names.count || part < parts.count {
      if part < parts.count, parts[part] == .anyDepth {
        retry = (part, name + 1)
        part += 1
      } else if part < parts.count, name < names.count, Self.selects(parts[part], names[name]) {
        part += 1
        name += 1
      } else if let (depth, next) = retry, next <= names.count {
        // The last `**` takes one name more; an earlier one never has to.
        (part, name) = (depth + 1, next)
        retry = (depth, next + 1)
      } else {
        return false
      }
    }
    return true
  }

  private static func selects(_ part: Part, _ name: FilePath.Component) -> Bool {
    if case .wildcard(let pattern) = part { return pattern.matches(name, allowsHidden: true) }
    return part.matches(name)
  }

  private static func part(_ component: FilePath.Component) -> Part {
    if component == "**" { return .anyDepth }
    let isWild = component.withPlatformString { strpbrk($0, "*?[\\") != nil }
    guard isWild else { return .literal(component) }
    let pattern = GlobName(component)
    return pattern.literal.map { .literal($0) } ?? .wildcard(pattern)
  }

  /// Whether a name begins with a dot.
  static func isHidden(_ name: FilePath.Component) -> Bool { name.withPlatformString { $0[0] == 0x2e } }

  static func length(of string: UnsafePointer<CChar>) -> Int { strlen(string) }
}

extension Glob {
  /// The globs that `{a,b}` in a pattern stands for, in its order; the pattern itself where no comma is in braces.
  ///
  /// - Throws: ``Failure`` where they are more than 1,000.
  static func expanding(_ pattern: FilePath) throws(Failure) -> [Glob] {
    try PathBraces.expanding(pattern).map { Glob($0) }
  }
}
