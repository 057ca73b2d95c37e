import SystemPackage

@testable import Weir

/// One config with what it includes, read as often as one likes.
struct ConfigRun {
  let name: FilePath
  let text: [UInt8]
  /// Included files by name.
  var others: [String: [UInt8]] = [:]
  let environment: [String: String]

  var outcome: Result<Plan, ConfigErrors> {
    do throws(ConfigErrors) {
      return .success(
        try ConfigFile.load(name, content: text, catalog: .standard, environment: environment))
    } catch { return .failure(error) }
  }

  /// Each error stands within its file, in order, once, and shows the place.
  func check(_ errors: ConfigErrors) throws(FuzzFinding) {
    try must(!errors.problems.isEmpty, "refused without an error")
    var files: [String: [Int]] = [name.string: Self.lengths(of: text)]
    for (name, text) in others { files[name] = Self.lengths(of: text) }
    var last: (file: String, line: Int, column: Int)?
    for problem in errors.problems {
      let shown = "\(problem)"
      guard let lengths = files[problem.file], let line = problem.line, let column = problem.column else {
        throw FuzzFinding(description: "an error without a place: \(shown)")
      }
      try must(lengths.indices.contains(line - 1), "a line that is not there: \(shown)")
      try must((1...(lengths[line - 1] + 1)).contains(column), "a column that is not there: \(shown)")
      try Self.checkHarmless(problem.message + problem.excerpt)
      try must(!problem.message.contains("\n"), "a message of several lines: \(shown)")
      try Self.checkExcerpt(problem)
      if let last, last.file == problem.file {
        try must((last.line, last.column) <= (line, column), "out of order: \(shown)")
      }
      last = (problem.file, line, column)
    }
    try must(!errors.description.isEmpty, "nothing to show")
  }

  /// In characters, for each line.
  private static func lengths(of text: [UInt8]) -> [Int] {
    SourceText(name: "", folder: "/", bytes: text).scalars.split(separator: "\n", omittingEmptySubsequences: false).map(
      \.count)
  }

  static func checkHarmless(_ text: String) throws(FuzzFinding) {
    for scalar in text.unicodeScalars where scalar.isHarmful && scalar != "\n" && scalar != "\t" {
      throw FuzzFinding(description: "a terminal acts on U+\(String(scalar.value, radix: 16)) in \(text)")
    }
  }

  /// The line and below it the caret; nothing of an empty file.
  private static func checkExcerpt(_ problem: ConfigProblem) throws(FuzzFinding) {
    guard !problem.excerpt.isEmpty else { return }
    let lines = problem.excerpt.split(separator: "\n", omittingEmptySubsequences: false)
    try must(lines.count == 3 && lines[2].isEmpty, "an excerpt is two lines: \(problem)")
    let carets = lines[1].unicodeScalars.filter { $0 == "^" }
    try must(carets.count == 1, "an excerpt has one caret: \(problem)")
    let strange = lines[1].unicodeScalars.contains { !" \t|^~".unicodeScalars.contains($0) }
    try must(!strange, "nothing but the caret stands below: \(problem)")
  }
}
