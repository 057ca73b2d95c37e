import Glibc
import SystemPackage

/// Finds the files that `include:` names.
struct IncludeReader {
  private let main: ConfigSource
  private let reading: ConfigReading

  init(main: ConfigSource, reading: ConfigReading) {
    self.main = main
    self.reading = reading
  }

  /// Each file once, in the order of the config; a glob's in the order of their names. What cannot be looked for is
  /// reported.
  func files(_ node: YAMLNode) -> [ConfigSource] {
    var seen: Set<FilePath> = [main.absolutePath]
    var files: [ConfigSource] = []
    for text in reading.texts(of: node, what: "\"include\"") {
      guard let path = ConfigPath.absolute(text, what: "\"include\"", problems: reading.problems) else { continue }
      let isGlob = text.text.contains { "*?[".contains($0) }
      for found in isGlob ? expand(text) : [path] where seen.insert(found).inserted {
        let file = ConfigSource(path: shown(found), absolutePath: found)
        if let error = file.readingError {
          reading.problems.add("cannot read \(file.path.string.quoted): \(error)", at: text.place)
        } else {
          files.append(file)
        }
      }
    }
    return files
  }

  /// As the user would name it, who named the main file as they did.
  private func shown(_ path: FilePath) -> FilePath {
    var rest = path
    let folder = main.absolutePath.removingLastComponent()
    guard rest.removePrefix(folder), !rest.isEmpty else { return path }
    return main.path.removingLastComponent().pushing(rest)
  }

  /// glob(3). A folder that is not there holds nothing; one that cannot be read is reported.
  private func expand(_ text: ConfigText) -> [FilePath] {
    var found = glob_t()
    defer { globfree(&found) }
    // What the folder is called is no part of the pattern.
    let folder = text.place.source.folder.string.map { "*?[\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    let pattern = FilePath(text.text).isAbsolute ? text.text : "\(folder)/\(text.text)"
    errno = 0
    let result = glob(pattern, 0, { _, error in error == ENOENT || error == ENOTDIR ? 0 : 1 }, &found)
    switch result {
    case 0:
      return (0..<Int(found.gl_pathc)).compactMap { index in
        found.gl_pathv[index].map { FilePath(platformString: $0).lexicallyNormalized() }
      }
    case GLOB_NOMATCH: return []
    default:
      let reason = result == GLOB_NOSPACE ? "out of memory" : Errno(rawValue: errno).description
      reading.problems.add("cannot look for \(text.text.quoted): \(reason)", at: text.place)
      return []
    }
  }
}
