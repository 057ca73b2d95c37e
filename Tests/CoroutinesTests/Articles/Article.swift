import Coroutines
import Glibc

/// An article of the module's catalogue, as it is written.
struct Article {
  let name: String
  let lines: [Substring]

  init(name: String, text: String) {
    self.name = name
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The lines of each block of Swift code.
  var codeBlocks: [[Substring]] {
    var blocks: [[Substring]] = []
    var isInside = false
    for line in lines {
      switch (line, isInside) {
      case ("```swift", false):
        isInside = true
        blocks.append([])
      case ("```", true): isInside = false
      case (_, true): blocks[blocks.count - 1].append(line)
      case (_, false): break
      }
    }
    return blocks
  }

  /// What stands as code in the last column of the tables whose last column is headed by `heading`.
  func tableCode(under heading: String) -> [String] {
    var names: [String] = []
    var isInside = false
    for line in lines {
      guard line.hasPrefix("|"), let cell = line.split(separator: "|").last?.trimmed else {
        isInside = false
        continue
      }
      if cell == heading { isInside = true }
      if isInside {
        let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
        names += parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
      }
    }
    return names
  }

  static func read() throws -> [Article] {
    let folder = "Sources/Coroutines/Coroutines.docc"
    return try ProjectFiles.paths(in: folder, suffix: ".md").map { path in
      Article(name: String(path.split(separator: "/").last ?? ""), text: try ProjectFiles.text(of: path))
    }
  }
}

/// The test code that articles quote.
struct QuotedCode {
  /// Each file's lines, without spaces around them.
  private let files: [[Substring]]
  /// Where a line stands: file by file, line by line.
  private var places: [Substring: [(file: Int, line: Int)]] = [:]

  init(texts: [String]) {
    files = texts.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(\.trimmed) }
    for (file, lines) in files.enumerated() {
      for (line, text) in lines.enumerated() { places[text, default: []].append((file, line)) }
    }
  }

  static func read() throws -> QuotedCode {
    QuotedCode(
      texts: try ProjectFiles.paths(in: "Tests/CoroutinesTests", suffix: ".swift").map(ProjectFiles.text(of:)))
  }

  /// Whether the lines of `block` stand in one file, one after the other; the indentation does not count.
  func has(_ block: [Substring]) -> Bool {
    let wanted = block.map(\.trimmed)
    return wanted.first.flatMap { places[$0] }?.contains { files[$0.file][$0.line...].starts(with: wanted) } ?? false
  }

  /// The names between backticks of the functions that are there.
  var testNames: Set<Substring> {
    Set(
      places.keys.compactMap { line in
        guard let place = line.firstRange(of: "func `") else { return nil }
        return line[place.upperBound...].prefix { $0 != "`" }
      })
  }
}

/// The files of the project as they were when this was compiled.
enum ProjectFiles {
  static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  /// The files below `folder`, relative to the root, in order.
  static func paths(in folder: String, suffix: String) throws -> [String] {
    guard let listing = opendir("\(root)/\(folder)") else { throw SystemError("opendir") }
    defer { closedir(listing) }
    var paths: [String] = []
    while let entry = readdir(listing) {
      let isFolder = entry.pointee.d_type == UInt8(DT_DIR)
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      if isFolder { paths += try self.paths(in: "\(folder)/\(name)", suffix: suffix) }
      if !isFolder, name.hasSuffix(suffix) { paths.append("\(folder)/\(name)") }
    }
    return paths.sorted()
  }

  static func text(of path: String) throws -> String {
    guard let file = fopen("\(root)/\(path)", "re") else { throw SystemError("fopen") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Substring {
  /// Without spaces at either end.
  var trimmed: Substring {
    guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else { return "" }
    return self[first...last]
  }
}
