import Glibc

/// What another program prints: a figure a line, its name before a tab.
struct Figure {
  let name: String
  let value: Double

  /// Runs `command` by the shell, and reads its figures.
  ///
  /// - Returns: nil where it failed.
  static func all(of command: String) -> [Figure]? {
    guard let output = popen(command, "re") else { return nil }
    var figures: [Figure] = []
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), output) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      let fields = text.split { $0 == "\t" || $0 == "\n" }
      guard fields.count == 2, let value = Double(fields[1]) else { continue }
      figures.append(Figure(name: String(fields[0]), value: value))
    }
    return pclose(output) == 0 ? figures : nil
  }
}

/// Whether the shell finds `program`.
func isInstalled(_ program: String) -> Bool { system("command -v \(program) >/dev/null") == 0 }
