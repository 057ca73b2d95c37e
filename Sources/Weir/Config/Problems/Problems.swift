/// Collects what is wrong with a config, so that all of it is said in one go.
final class Problems {
  private struct Entry {
    let file: Int
    let position: Int
    let problem: ConfigProblem
  }
  private var entries: [Entry] = []
  private var files: [String] = []
  private var seen: Set<String> = []

  /// Whether nothing is wrong so far.
  var isEmpty: Bool { entries.isEmpty }

  /// How many are known so far.
  var count: Int { entries.count }

  /// Makes the file's errors come after those of the files named before.
  func enter(_ file: String) {
    if !files.contains(file) { files.append(file) }
  }

  /// Reports once: the same mistake at the same place, reached through two aliases, is one.
  func add(_ message: String, at place: Place) {
    let name = place.source.name
    guard seen.insert("\(place.range.lowerBound) \(name) \(message)").inserted else { return }
    let (line, column) = place.source.lineAndColumn(of: place.range.lowerBound)
    let problem = ConfigProblem(
      file: name.harmless, line: line, column: column, message: message.harmless,
      excerpt: SourceExcerpt(place).rendered)
    append(problem, name: name, position: place.range.lowerBound)
  }

  /// Reports what is wrong with a file as a whole.
  func add(_ message: String, of file: String) {
    let problem = ConfigProblem(
      file: file.harmless, line: nil, column: nil, message: message.harmless, excerpt: "")
    append(problem, name: file, position: -1)
  }

  /// All, in the order of files and positions.
  var errors: ConfigErrors {
    let sorted = entries.enumerated().sorted { left, right in
      (left.element.file, left.element.position, left.offset)
        < (right.element.file, right.element.position, right.offset)
    }
    return ConfigErrors(problems: sorted.map(\.element.problem))
  }

  private func append(_ problem: ConfigProblem, name: String, position: Int) {
    enter(name)
    entries.append(Entry(file: files.firstIndex(of: name) ?? 0, position: position, problem: problem))
  }
}
