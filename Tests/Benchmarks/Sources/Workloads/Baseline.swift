/// Figures that were committed: a line each, `grep instructions 201000000`. Lines that begin with `#` are comments.
struct Baseline {
  private let path: String
  private let lines: [Substring]
  private var figures: [String: Double] = [:]

  /// By how much a figure may be worse.
  private static let tolerance = 0.1

  init(_ path: String) throws {
    self.path = path
    lines = try text(of: path).split(separator: "\n")
    for line in lines where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard words.count == 3, let figure = Double(words[2]) else { throw Failure("\(path): \(line)") }
      figures["\(words[0]) \(words[1])"] = figure
    }
  }

  /// Prints `counted` beside the committed figures.
  ///
  /// - Returns: whether none is worse, and none missing.
  func holds(_ counted: [(name: String, figure: Double)]) -> Bool {
    var isGood = true
    print("| per million lines | counted | committed | ratio | |\n| --- | --: | --: | --: | --- |")
    for (name, figure) in counted {
      let committed = figures[name]
      let ratio = figure / (committed ?? .nan)
      let verdict =
        committed == nil
        ? "not committed" : ratio > 1 + Self.tolerance ? "worse" : ratio < 1 - Self.tolerance ? "better: renew" : ""
      if committed == nil || ratio > 1 + Self.tolerance { isGood = false }
      print(
        "| \(name) | \(decimal(figure, 0)) | \(decimal(committed ?? .nan, 0)) | \(decimal(ratio, 3)) | \(verdict) |")
    }
    return isGood
  }

  /// Writes `counted` in their place.
  func renew(_ counted: [(name: String, figure: Double)]) throws {
    let comments = lines.filter { $0.hasPrefix("#") }.map(String.init)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let text = (comments + counted.map { "\($0.name) \(decimal($0.figure, 0))" }).joined(separator: "\n") + "\n"
    try Folder(parts.dropLast().joined(separator: "/")).write(text, to: String(parts.last!))
  }
}
