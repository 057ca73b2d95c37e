/// Finds what a user may have meant by a word that is not known.
enum Suggestion {
  /// How many names a message lists at most: beyond that nobody reads them.
  private static let listedLimit = 20
  /// How many names are compared: a config with thousands of names may also have thousands of mistakes.
  private static let comparedLimit = 500
  /// Longer ones are not compared: it takes the square of that.
  private static let scalarsLimit = 64

  /// The nearest candidate, the first of equals; nil where none is near.
  static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let typed = Array(word.lowercased().unicodeScalars)
    guard typed.count <= scalarsLimit else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates.prefix(comparedLimit) {
      let known = Array(candidate.lowercased().unicodeScalars)
      let limit = max(1, max(typed.count, known.count) / 3)
      guard known.count <= scalarsLimit, abs(typed.count - known.count) <= limit else { continue }
      let distance = distance(typed, known)
      // A single letter is one change away from every other.
      guard distance <= limit, distance < max(typed.count, known.count) else { continue }
      if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `; did you mean "x"?`, or nothing.
  static func phrase(for word: String, in candidates: some Sequence<String>) -> String {
    nearest(to: word, in: candidates).map { "; did you mean \($0.quoted)?" } ?? ""
  }

  /// As `phrase`, or else `; <lead> a, b, c`, as far as there are any.
  static func phrase(for word: String, in candidates: [String], otherwise lead: String) -> String {
    let near = phrase(for: word, in: candidates)
    guard near.isEmpty, (1...listedLimit).contains(candidates.count) else { return near }
    return "; \(lead) " + candidates.map(\.harmless).joined(separator: ", ")
  }

  /// Damerau-Levenshtein, restricted: inserted, removed, replaced and swapped neighbours cost one each.
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
      var row = [i + 1]
      row.reserveCapacity(right.count + 1)
      for j in right.indices {
        var cost = min(row[j] + 1, last[j + 1] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        row.append(cost)
      }
      (beforeLast, last) = (last, row)
    }
    return last[right.count]
  }
}
