/// What is fuzzed. Each target has a folder of seeds of its name in `corpus`, and words for them in `dictionaries`.
enum FuzzTarget: String, CaseIterable, Sendable {
  case config, lines, glob, print, gzip

  /// Tries one input; it may be anything. A trap, a hang and memory without bound are findings too.
  func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    switch self {
    case .config: try ConfigTarget.check(bytes)
    case .lines: try LinesTarget.check(bytes)
    case .glob: try GlobTarget.check(bytes)
    case .print: try PrintTarget.check(bytes)
    case .gzip: try GzipTarget.check(bytes)
    }
  }
}

/// What did not hold of an input.
struct FuzzFinding: Error, CustomStringConvertible {
  let description: String
}

/// - Throws: `description`, where the condition does not hold.
func must(_ condition: Bool, _ description: @autoclosure () -> String) throws(FuzzFinding) {
  guard !condition else { return }
  throw FuzzFinding(description: description())
}
