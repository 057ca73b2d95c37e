/// The rooms of the agent (`Sources/Weir/<Room>`) know only the rooms before them.
///
/// A room is a folder, not a module, so the compiler does not hold these borders; the names of types do.
enum BorderRules {
  /// For each room, the rooms whose types it does not name. What flows (`Line`) may be named by all.
  static let strangers: [Substring: Set<Substring>] = [
    "Linux": ["Config", "Follow", "Grep", "Sinks", "Service"],
    "Line": ["Linux", "Config", "Follow", "Grep", "Sinks", "Service"],
    "Config": ["Follow", "Service"],
    "Follow": ["Grep", "Sinks", "Service"],
    "Grep": ["Follow", "Sinks", "Service"],
    "Sinks": ["Follow", "Grep", "Service"],
  ]

  static func check(_ files: [SourceFile]) -> [Finding] {
    let homes = homes(of: files)
    return files.flatMap { file -> [Finding] in
      guard let room = file.room, let strangers = strangers[room] else { return [] }
      return file.code.enumerated().flatMap { index, tokens in
        tokens.compactMap { token in
          guard !token.isMember, let rooms = homes[token.text], rooms.count == 1, let home = rooms.first,
            strangers.contains(home)
          else { return nil }
          return file.finding(line: index + 1, "\(room) does not know \(home), and so not \(token)")
        }
      }
    }
  }

  /// The rooms that know a name: where a type of that name stands at the top of a file, and where something inside
  /// another is called alike. What is known in two rooms is not judged.
  private static func homes(of files: [SourceFile]) -> [Substring: Set<Substring>] {
    var top: Set<Substring> = []
    var homes: [Substring: Set<Substring>] = [:]
    for file in files {
      guard let room = file.room else { continue }
      for type in Declarations.types(in: file) {
        homes[type.name, default: []].insert(room)
        if type.isAtTop { top.insert(type.name) }
      }
    }
    return homes.filter { top.contains($0.key) }
  }
}

/// The types that a file declares.
enum Declarations {
  private static let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]

  static func types(in file: SourceFile) -> [(line: Int, name: Substring, isAtTop: Bool)] {
    file.code.enumerated().flatMap { index, tokens in
      zip(tokens, tokens.dropFirst()).compactMap { kind, name in
        guard kinds.contains(kind.text), !kind.isMember, name.text.first?.isUppercase == true else { return nil }
        return (index + 1, name.text, file.lines[index].first?.isWhitespace == false)
      }
    }
  }
}
