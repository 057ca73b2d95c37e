import Glibc
import Testing

/// The project's folder and its files.
enum Project {
  /// What stands at the top, beside files that begin with a dot. `Package.resolved` is made by the build.
  static let topEntries: Set<String> = [
    "Package.swift", "Package.resolved", "Sources", "Tests", "etc", "deploy", "README.md",
  ]

  /// Where this file was when it was compiled, and up.
  static let root: String = {
    let parts = #filePath.split(separator: "/")
    return "/" + parts.dropLast(3).joined(separator: "/")
  }()

  static func strayTopEntries(among names: [String]) -> [Finding] {
    names.filter { !$0.hasPrefix(".") && !topEntries.contains($0) }.map {
      Finding(path: $0, line: 1, message: "at the top stand only \(topEntries.sorted().joined(separator: ", "))")
    }
  }

  /// Inputs for fuzzing are not written by hand, and are as they have to be.
  private static let seeds = "Tests/Fuzz/corpus"

  /// Every text file below the known entries, read and cut into tokens once for all rules.
  static func files() throws -> [SourceFile] {
    try #require(read.contains { $0.path == "Package.swift" }, "the project is not at \(root)")
    return read
  }

  private static let read: [SourceFile] = {
    var files: [SourceFile] = []
    var waiting = topEntries.sorted() + [".ci"]
    while let path = waiting.popLast() {
      if path == seeds { continue }
      if let names = names(in: path) {
        waiting += names.map { "\(path)/\($0)" }
      } else if let text = text(of: path) {
        files.append(SourceFile(path: path, text: text))
      }
    }
    return files
  }()

  /// nil if it is no folder.
  static func names(in path: String) -> [String]? {
    guard let folder = opendir("\(root)/\(path)") else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != "..", !name.hasPrefix(".build") { names.append(name) }
    }
    return names.sorted()
  }

  /// nil if it is not there or no UTF-8.
  private static func text(of path: String) -> String? {
    guard let file = fopen("\(root)/\(path)", "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return String(validating: bytes, as: UTF8.self)
  }
}
