/// Short files, short functions, lines that fit beside each other.
enum SizeRules {
  static let linesPerFileLimit = 300
  /// Functions are shorter than this, from the line of their name to that of their closing brace.
  static let linesPerFunctionLimit = 50
  /// Characters.
  static let columnsLimit = 120

  static func check(_ file: SourceFile) -> [Finding] {
    lengthOfFile(file) + lengthOfLines(file) + lengthOfFunctions(file)
  }

  private static func lengthOfFile(_ file: SourceFile) -> [Finding] {
    let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
    guard file.isSwift, count > linesPerFileLimit else { return [] }
    return [file.finding(line: linesPerFileLimit + 1, "the file has \(count) lines, \(linesPerFileLimit) at most")]
  }

  private static func lengthOfLines(_ file: SourceFile) -> [Finding] {
    guard !file.path.hasSuffix(".md") else { return [] }
    return file.lines.enumerated().compactMap { index, line in
      guard line.utf8.count > columnsLimit, line.count > columnsLimit else { return nil }
      return file.finding(line: index + 1, "the line has \(line.count) columns, \(columnsLimit) at most")
    }
  }

  private static func lengthOfFunctions(_ file: SourceFile) -> [Finding] {
    let tokens = file.code.enumerated().flatMap { index, tokens in tokens.map { (line: index + 1, token: $0) } }
    let signs = tokens.map(\.token)
    return tokens.indices.compactMap { index in
      guard isFunction(tokens[index].token), let end = endOfBody(signs, from: index) else {
        return nil
      }
      let count = tokens[end].line - tokens[index].line + 1
      guard count >= linesPerFunctionLimit else { return nil }
      let name = tokens[index + 1].token.isWord ? "\(tokens[index + 1].token)" : "\(tokens[index].token)"
      return file.finding(
        line: tokens[index].line, "\(name) has \(count) lines; a function has fewer than \(linesPerFunctionLimit)")
    }
  }

  private static func isFunction(_ token: Token) -> Bool {
    !token.isMember && ["func", "init", "deinit", "subscript"].contains(token.text)
  }

  /// Where the brace closes that opens behind the signature; nil for what has no body.
  private static func endOfBody(_ tokens: [Token], from start: Int) -> Int? {
    let newDeclaration: Set<Substring> = ["func", "init", "deinit", "subscript", "var", "let", "case", "static", "}"]
    var index = start + 1
    var depth = 0
    while index < tokens.endIndex, !(depth == 0 && tokens[index].text == "{") {
      if ["(", "["].contains(tokens[index].text) { depth += 1 }
      if [")", "]"].contains(tokens[index].text) { depth -= 1 }
      if depth < 0 || depth == 0 && newDeclaration.contains(tokens[index].text) { return nil }
      index += 1
    }
    depth = 0
    while index < tokens.endIndex {
      if tokens[index].text == "{" { depth += 1 }
      if tokens[index].text == "}" { depth -= 1 }
      if depth == 0 { return index }
      index += 1
    }
    return nil
  }
}
