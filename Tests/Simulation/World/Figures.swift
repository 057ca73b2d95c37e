/// What the agent says at SIGUSR1 of what a pipeline has done in its life.
struct Figures: Equatable {
  let readBytes: Int
  let matchedLines: Int

  /// - Parameter message: of the agent's log; nil for one that is about something else.
  init?(_ message: String) {
    // pipeline all: 1,234 bytes read, 5 lines matched
    let words = message.split(separator: " ").map { String($0.filter { $0 != "," }) }
    guard words.count > 6, words[0] == "pipeline", words[3] == "bytes", words[6] == "lines",
      let readBytes = Int(words[2]), let matchedLines = Int(words[5])
    else { return nil }
    self.readBytes = readBytes
    self.matchedLines = matchedLines
  }
}
