/// One mistake in a config, and where it stands.
public struct ConfigProblem: Sendable, Equatable {
  /// The file as the user named it.
  public let file: String
  /// From 1; nil where the mistake is of the file as a whole (it is missing).
  public let line: Int?
  /// From 1, in characters; nil as `line`.
  public let column: Int?
  /// What is wrong and, where one can tell, what helps. Without control characters.
  public let message: String
  /// The line with a caret under the place, each line ended by LF; empty where there is none to show.
  public let excerpt: String
}

/// Why a config was refused: every mistake in it, in the order of the files and lines. Nothing was changed.
public struct ConfigErrors: Error, Sendable, CustomStringConvertible {
  /// At least one.
  public let problems: [ConfigProblem]

  /// As a compiler shows them, ending with a count and without a last LF.
  public var description: String {
    let shown = problems.map { problem in
      let place = [problem.line, problem.column].compactMap { $0.map { ":\($0)" } }.joined()
      return "\(problem.file)\(place): error: \(problem.message)\n\(problem.excerpt)"
    }
    var files: [String] = []
    for problem in problems where !files.contains(problem.file) { files.append(problem.file) }
    let count = problems.count == 1 ? "1 error" : "\(problems.count) errors"
    return shown.joined() + "\(count) in \(files.joined(separator: ", "))"
  }
}
