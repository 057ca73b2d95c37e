import Glibc

/// What all workloads use: the programs, the data, and how often each is measured.
struct Bench {
  /// What weir may take of memory, whatever there is to read.
  static let peakBytes = 40e6

  /// The program that is measured.
  let weir: String
  /// Where those are that were built beside this one.
  let tools: String
  let rounds: Int
  let isSmall: Bool
  /// Whether what grows with its input is looked at where that is a hundred times as much.
  let isLarge: Bool
  /// The data, which is kept.
  let corpora: Folder
  let scratch: Folder

  init(_ order: Order) throws {
    weir = order.weir
    tools = order.tools
    rounds = order.rounds
    isSmall = order.isSmall
    isLarge = order.isLarge
    let folder = try Folder(order.folder)
    corpora = try Folder(folder.path("data"))
    scratch = try folder.empty("scratch")
  }

  func tool(_ name: String, _ arguments: String...) -> Command {
    var command = Command("\(tools)/\(name)")
    command.words += arguments
    return command
  }

  /// weir with `config`, which is written to `folder`.
  func agent(_ config: Config, in folder: Folder, endsAtOnce: Bool = true) throws -> Command {
    let path = try folder.write(config.text, to: "weir.yaml")
    var command = Command(weir, "run", "-c", path)
    if endsAtOnce { command.words.append("--once") }
    command.errors = .file(folder.path("weir.err"))
    return command
  }

  /// A file of lines, made once; a small one where only a quick look is taken.
  ///
  /// - Parameters:
  ///   - name: the file's name, which says what is in it.
  ///   - arguments: what is asked of the program that makes it.
  /// - Returns: the file's path.
  func corpus(_ name: String, _ arguments: [String]) throws -> String {
    let path = corpora.path(name)
    guard access(path, F_OK) != 0 else { return path }
    var command = tool("corpus")
    command.words += arguments
    command.output = .file(path + ".part")
    _ = try Run(command)
    guard rename(path + ".part", path) == 0 else { throw Failure.call(path) }
    return path
  }

  /// The mixed log that is searched: 1 GiB, or 64 MiB.
  func mixedLog() throws -> String {
    let bytes = isSmall ? 64 << 20 : 1 << 30
    return try corpus("mixed-\(bytes)", ["bytes", "\(bytes)", "1"])
  }

  /// Patterns, one a line.
  func patterns(_ kind: String, _ count: Int) throws -> [String] {
    try text(of: corpus("\(kind)-\(count)", [kind, "\(count)"])).split(separator: "\n").map(String.init)
  }

  func query(_ sql: String, of database: String) throws -> String {
    try Run.output(of: Command("sqlite3", "-readonly", database, sql), in: scratch)
  }

  /// Fails unless both files have the same bytes.
  func compare(_ path: String, _ other: String) throws {
    guard try Run(waitingFor: Command("cmp", path, other).start(), startedAt: 0).status == 0 else {
      throw Failure("the results differ: \(path) and \(other)")
    }
  }
}
