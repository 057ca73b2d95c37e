/// Words that are not used, each with its reason.
enum WordRules {
  /// They say nothing of what a thing does.
  static let bannedInNames: Set<String> = [
    "Manager", "Helper", "Util", "Utils", "Handler", "Processor", "Context", "Data", "Info", "Impl",
  ]

  /// What is not done is not merged. Written apart, for this file is read too.
  static let marks: Set<Substring> = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].reduce(into: []) {
    $0.insert(Substring($1))
  }

  static func names(_ file: SourceFile) -> [Finding] {
    guard file.isSwift else { return [] }
    var names = Declarations.types(in: file).map { ($0.line, $0.name) }
    names.append((1, file.name.dropLast(".swift".count)))
    return names.compactMap { line, name in
      guard let word = words(of: name).first(where: bannedInNames.contains) else { return nil }
      return file.finding(line: line, "\(name): \(word) says nothing; name what it does")
    }
  }

  static func marks(_ file: SourceFile) -> [Finding] {
    file.lines.enumerated().compactMap { index, line in
      let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
      return words.first(where: marks.contains).map {
        file.finding(line: index + 1, "\($0): finish it, or leave it out")
      }
    }
  }

  /// Waiting for time is slow where it works and wrong where it does not. A scheduler's own `sleep` is what a test
  /// with a virtual clock is about, and not meant.
  static func sleeps(_ file: SourceFile) -> [Finding] {
    guard file.isTest else { return [] }
    return file.code.enumerated().compactMap { index, tokens in
      let isSleep = tokens.indices.contains { place in
        if ["usleep", "nanosleep", "clock_nanosleep"].contains(tokens[place].text) { return true }
        guard tokens[place].text == "sleep", tokens.dropFirst(place + 1).first?.text == "(" else { return false }
        if !tokens[place].isMember { return place == 0 || tokens[place - 1].text != "func" }
        return place >= 2 && ["Task", "Thread"].contains(tokens[place - 2].text)
      }
      return isSleep ? file.finding(line: index + 1, "tests wait for the thing, with a deadline, and never sleep") : nil
    }
  }

  /// A line has another number tomorrow.
  static func citations(_ file: SourceFile) -> [Finding] {
    file.lines.enumerated().compactMap { index, line in
      let isCited = [".swift:", ".c:", ".h:", ".md:", "#L"].contains { cites(line, behind: $0) }
      return isCited ? file.finding(line: index + 1, "cite a name, not the number of a line") : nil
    }
  }

  private static func cites(_ line: Substring, behind mark: String) -> Bool {
    var rest = line[...]
    while let place = rest.firstRange(of: mark) {
      rest = rest[place.upperBound...]
      if let digit = rest.first, "0"..."9" ~= digit { return true }
    }
    return false
  }

  /// `HTTPHandler` is `HTTP`, `Handler`; `Metadata` is one word.
  static func words(of name: Substring) -> [String] {
    var words: [String] = []
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      let isBegin =
        index == 0 || letter.isUppercase && (letters[index - 1].isLowercase || letters[index - 1].isNumber)
        || letter.isUppercase && index + 1 < letters.count && letters[index + 1].isLowercase
      if !letter.isLetter && !letter.isNumber {
        words.append("")
      } else if isBegin || words.isEmpty {
        words.append(String(letter))
      } else {
        words[words.count - 1].append(letter)
      }
    }
    return words
  }
}
