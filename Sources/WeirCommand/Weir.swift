import ArgumentParser

/// The command `weir`.
@main
struct Weir: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weir",
    abstract: "A grep that never stops, with a memory.",
    discussion: """
      weir follows files, keeps the lines that match, and hands them to a printer, a SQLite store, a counter.

      First match:   weir follow /var/log/syslog -g error
      With a memory: weir run -c weir.yaml        (then: sqlite3 weir.db 'SELECT * FROM matches')

      Exit status: 0 done, 1 a failure while running, 64 wrong usage, 78 wrong, missing or empty config.
      """,
    version: "0.1.0",
    subcommands: [RunCommand.self, CheckCommand.self, FollowCommand.self])

  /// Runs the command. What is wrong with the arguments is said as they are, but nothing that a terminal would obey.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let status = exitCode(for: error)
      if status.isSuccess { exit(withError: error) }  // what was asked for: help, the version
      let message = fullMessage(for: error)
      if !message.isEmpty { StandardError.write(message + "\n") }
      exit(withError: status)
    }
  }
}
