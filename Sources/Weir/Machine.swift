import Coroutines
import Logging

/// What an agent uses of the machine that it runs on, beside time, which is its scheduler's. A simulation brings its
/// own.
struct Machine: Sendable {
  /// Where followed files are.
  var files: any FileSystem = LinuxFiles()
  /// The databases; see ``StoreShelf/isOneOff``.
  var stores: @Sendable (_ log: Logger, _ scheduler: Scheduler, _ isOneOff: Bool) -> StoreShelf = {
    StoreShelf(log: $0, disk: LinuxDisk(), syncingOn: $1, isOneOff: $2)
  }
  /// Where the agent's own log goes.
  var logger: @Sendable (_ choice: LogChoice) -> Logger = { choice in
    Logger(label: "weir") { _ in NoticeLog(choice, to: .standardError) }
  }
}
