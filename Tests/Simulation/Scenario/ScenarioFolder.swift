import Glibc

/// The scenarios of this folder's neighbour `Scenarios`.
enum ScenarioFolder {
  /// Where this file was when it was compiled, and beside.
  private static let path: String = {
    let parts = #filePath.split(separator: "/")
    return "/" + parts.dropLast(2).joined(separator: "/") + "/Scenarios"
  }()

  /// Names of all, sorted; of the one that `WEIR_SCENARIO` names, or of all in the folder that it names, if it is set.
  static let names: [String] = {
    let all = names(below: "").sorted()
    guard let wanted = getenv("WEIR_SCENARIO").map({ String(cString: $0) }) else { return all }
    return all.filter { $0 == wanted || $0.hasPrefix(wanted + "/") || $0.hasSuffix("/" + wanted) }
  }()

  static func scenario(_ name: String) throws -> Scenario {
    let file = "\(path)/\(name).txt"
    guard let text = text(of: file) else { throw ScenarioError(path: file, line: 1, text: "cannot be read") }
    return try ScenarioParser.parse(text, path: file, name: name)
  }

  private static func names(below folder: String) -> [String] {
    guard let open = opendir("\(path)/\(folder)") else { return [] }
    defer { closedir(open) }
    var names: [String] = []
    while let entry = readdir(open) {
      let isFolder = entry.pointee.d_type == DT_DIR
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if isFolder, name.first != "." { names += Self.names(below: "\(folder)\(name)/") }
      if name.hasSuffix(".txt") { names.append(folder + name.dropLast(4)) }
    }
    return names
  }

  private static func text(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return String(validating: bytes, as: UTF8.self)
  }
}
