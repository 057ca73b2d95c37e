import Glibc
import SystemPackage

@testable import Weir

/// The config reader. An input is a config; behind a line `=== included ===` stands the file that it includes.
///
/// It becomes a plan that holds together, or errors that stand within the text; nothing else is read.
enum ConfigTarget {
  private static let border = Array("\n=== included ===\n".utf8)
  private static let environment = [
    "A": "x)y", "EMPTY": "", "FILE": "/var/log/syslog", "LINES": "a\nb: [", "HOSTILE": "\u{1b}[2J\u{202e}é",
  ]
  /// A file without a name, so that nothing is left behind.
  private static let included: CInt = {
    var name = Array("/tmp/weir-fuzz-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    unlink(name)
    return file
  }()

  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let border = bytes.firstRange(of: border) else {
      guard !mayInclude(bytes) else { return }
      return try check(ConfigRun(name: "/fuzz/weir.yaml", text: bytes, environment: environment))
    }
    let name = "/proc/self/fd/\(included)"
    let other = Array(bytes[border.upperBound...])
    try must(ftruncate(included, 0) == 0, "ftruncate")
    try must(pwrite(included, other, other.count, 0) == other.count, "pwrite")
    // In quotes, so that the next line cannot make another name of it.
    let text = Array("include: \"\(name)\"\n".utf8) + bytes[..<border.lowerBound]
    try check(
      ConfigRun(name: "/fuzz/weir.yaml", text: text, others: [name: other], environment: environment))
  }

  private static func check(_ run: ConfigRun) throws(FuzzFinding) {
    switch run.outcome {
    case .failure(let errors): try run.check(errors)
    case .success(let plan):
      try PlanCheck(plan).check()
      guard case .success(let again) = run.outcome else {
        throw FuzzFinding(description: "a config that was taken is refused the second time")
      }
      try must(plan.describe() == again.describe(), "the same config gives two plans")
    }
  }

  /// Whether an included file of the input's choice would be read: it could be any of the machine's.
  private static func mayInclude(_ bytes: [UInt8]) -> Bool {
    // A key is written out, or with escapes.
    guard bytes.contains(UInt8(ascii: "\\")) || bytes.firstRange(of: Array("include".utf8)) != nil else { return false }
    let source = SourceText(name: "", folder: "/", bytes: bytes)
    guard let root = YAMLReader.read(source, problems: Problems()), case .mapping(let entries) = root.content else {
      return false
    }
    return entries.contains { $0.key == "include" }
  }
}
