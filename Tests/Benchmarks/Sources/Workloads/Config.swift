/// A config of weir's, as JSON, which is YAML.
struct Config {
  /// What is looked for.
  struct Pattern {
    let text: String
    var isFixed = true
    var ignoresCase = false
  }

  struct Pipeline {
    let name: String
    let paths: [String]
    let pattern: Pattern?
    /// As the config has it, quotes included.
    let sink: String
    var isFromBeginning = true

    fileprivate var text: String {
      let paths = "[" + paths.map(quoted).joined(separator: ", ") + "]"
      let follow = "{\"path\": \(paths), \"from\": \"\(isFromBeginning ? "beginning" : "end")\"}"
      let grep = pattern.map { "\"grep\": \($0.item), " } ?? ""
      return "{\"name\": \(quoted(name)), \"follow\": \(follow), \(grep)\"broadcast\": \(sink)}"
    }
  }

  let database: String
  let pipelines: [Pipeline]

  var text: String {
    let pipelines = pipelines.map(\.text).joined(separator: ",\n  ")
    return "{\"database\": \(quoted(database)), \"pipelines\": [\n  \(pipelines)]}\n"
  }

  static func sqlite(_ path: String) -> String { "{\"sqlite\": {\"path\": \(quoted(path))}}" }
}

extension Config.Pattern {
  fileprivate var item: String {
    var item = "{\"match\": \(quoted(text))"
    if isFixed { item += ", \"fixed\": true" }
    if ignoresCase { item += ", \"ignore_case\": true" }
    return item + "}"
  }
}

/// `text` as JSON.
private func quoted(_ text: String) -> String {
  var quoted = "\""
  for character in text.unicodeScalars {
    if character == "\"" || character == "\\" { quoted.append("\\") }
    quoted.unicodeScalars.append(character)
  }
  return quoted + "\""
}
