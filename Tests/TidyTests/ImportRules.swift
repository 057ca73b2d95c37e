/// Who may import what.
enum ImportRules {
  /// For the longest path that a file's path begins with; the tests of a target may import what they like, but not
  /// what is forbidden everywhere.
  static let allowed: [(path: String, modules: Set<Substring>)] = [
    ("Sources/Coroutines/", ["Glibc", "CLinux", "Synchronization", "DequeModule", "HeapModule"]),
    ("Sources/Weir/", agent),
    ("Sources/Weir/Config/", agent.union(["CYAML"])),
    ("Sources/Weir/Follow/Gzip/", agent.union(["CZlib"])),
    ("Sources/Weir/Grep/", agent.union(["CPCRE2", "CVectorscan"])),
    ("Sources/Weir/Sinks/Store/", agent.union(["CSQLite"])),
    ("Sources/WeirCommand/", ["Glibc", "Weir", "Coroutines", "ArgumentParser", "SystemPackage", "Logging"]),
  ]

  /// They would bring a second run loop and second kinds of files and text.
  static let forbidden: Set<Substring> = [
    "Foundation", "FoundationEssentials", "Dispatch", "FoundationNetworking", "XCTest",
  ]

  private static let agent: Set<Substring> = [
    "Coroutines", "Glibc", "CLinux", "Synchronization", "DequeModule", "HeapModule", "OrderedCollections", "Logging",
    "SystemPackage",
  ]

  static func check(_ file: SourceFile) -> [Finding] {
    let modules = allowed.filter { file.path.hasPrefix($0.path) }.max { $0.path.count < $1.path.count }?.modules
    return file.code.enumerated().compactMap { index, tokens in
      guard let module = importedModule(tokens) else { return nil }
      if forbidden.contains(module) { return file.finding(line: index + 1, "\(module) is imported nowhere here") }
      guard let modules, !modules.contains(module) else { return nil }
      return file.finding(
        line: index + 1, "\(module) is not imported in this folder: \(modules.sorted().joined(separator: ", "))")
    }
  }

  /// The module of `import M`, `@testable import M`, `import struct M.Name`.
  private static func importedModule(_ tokens: [Token]) -> Substring? {
    guard let place = tokens.firstIndex(where: { $0.text == "import" }),
      tokens[..<place].allSatisfy({ !$0.isWord || ["testable", "public", "internal", "private"].contains($0.text) })
    else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    return tokens[(place + 1)...].first { $0.isWord && !kinds.contains($0.text) }?.text
  }
}
