import Glibc
import Testing

/// An agent at work, and both its files.
final class DatabaseStage {
  /// A pipeline that stores, in a database of its own place, and one that has nothing to do with it but the agent.
  static let config = """
    database: main.db
    sinks: { archive: { sqlite: { path: m/data/weir.db } } }
    pipelines:
      - name: stored
        follow: { path: stored.log, from: beginning }
        broadcast: archive
      - name: printed
        follow: { path: printed.log, from: beginning }
        broadcast: printer

    """

  let folder: Scratch
  let weir: Program
  private(set) var storedCount = 0
  private var printedCount = 0

  /// Starts the agent and has it store a line.
  init(in folder: Scratch) throws {
    self.folder = folder
    try folder.write("w.yaml", Self.config)
    folder.run("mkdir", "-p", folder.file("m/data"))
    weir = try Program(["run", "-c", "w.yaml"], in: folder)
    try store(1)
    try awaitStored()
  }

  /// More lines for the database.
  func store(_ count: Int, padding: Int = 0) throws {
    let tail = String(repeating: "x", count: padding)
    for start in stride(from: storedCount, to: storedCount + count, by: 100) {
      let end = min(start + 100, storedCount + count)
      try folder.append("stored.log", (start..<end).map { "line \($0) \(tail)\n" }.joined())
    }
    storedCount += count
  }

  /// The other pipeline goes on meanwhile.
  func expectPrinting() throws {
    for _ in 0..<3 {
      printedCount += 1
      try folder.append("printed.log", "printed \(printedCount)\n")
      try weir.awaitOutput("printed \(printedCount)\n")
    }
  }

  /// Every line from `first` on is stored, each once.
  func awaitStored(from first: Int = 0) throws {
    let count = storedCount - first
    try folder.awaitRows(
      ["\(count)|\(count)"], "SELECT count(*), count(DISTINCT offset) FROM matches", seconds: 60, in: "m/data/weir.db")
  }

  func expectSaidOnce(_ text: String) {
    #expect(weir.said.ranges(of: text).count == 1, "\(weir.said)")
  }

  func end() throws {
    weir.signal(SIGTERM)
    #expect(try weir.awaitEnd() == 0)
  }
}
