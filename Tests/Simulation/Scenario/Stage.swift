/// What a scenario needs of the world: files, an agent, and a store to look into.
///
/// Paths are below one folder, which `${LOGS}` of a config stands for. Nothing waits for the agent but what says so, so
/// that what comes one after the other may meet it at any moment. Each stage is used for one scenario.
protocol Stage: AnyObject {
  static var kind: StageKind { get }

  // MARK: Content

  /// open(2) with O_APPEND and O_CREAT, one write(2), close(2). On a FIFO it waits for a reader.
  func append(_ bytes: [UInt8], to path: String) async throws

  /// The same through a writer that has the file open.
  func append(_ bytes: [UInt8], toHeld name: String) async throws

  /// As `>` of a shell: truncated and written anew.
  func write(_ bytes: [UInt8], to path: String) async throws

  /// pwrite(2) into what is there.
  func overwrite(_ bytes: [UInt8], in path: String, at offset: Int) async throws

  /// truncate(2): shorter or longer.
  func truncate(_ path: String, to size: Int) async throws

  /// A writer opens the file, made if it is not there, and keeps it over renames; `name` is how steps call it.
  ///
  /// - Parameter isAppending: with O_APPEND; else it goes on at its own offset, which is 0 at first.
  func hold(_ path: String, as name: String, isAppending: Bool) async throws

  func release(_ name: String) async throws

  // MARK: Names

  /// rename(2).
  func move(_ path: String, to other: String) async throws

  /// As cp(1): the copy is a new file, or what is there is written over.
  func copy(_ path: String, to other: String) async throws

  /// Whatever it is; a folder with all that is in it.
  func remove(_ path: String) async throws

  /// As gzip(1): makes `path.gz` with the time of `path`, and removes that.
  func gzip(_ path: String) async throws

  /// Makes a file with the inode number of the one that was removed last.
  func recreate(_ path: String, with bytes: [UInt8]) async throws

  func make(_ kind: NewFile, at path: String) async throws

  /// A hard link.
  func link(_ path: String, to target: String) async throws

  /// - Parameter target: as it is written into the link.
  func symlink(_ path: String, to target: String) async throws

  /// Holds for the agent, though it be root's.
  func chmod(_ path: String, mode: Int) async throws

  /// Sets the time of the last change that long before now.
  func age(_ path: String, seconds: Int) async throws

  // MARK: The machine

  /// Every device has another number, as after a reboot. While the agent is down.
  func renumberDevices() async throws

  /// Another writer holds the database, until ``unlock()``.
  func lock() async throws
  func unlock() async throws

  /// Lets time pass; real time on the kernel.
  func pass(seconds: Int) async throws

  // MARK: The agent

  /// `weir run`, and waits until it follows what was there.
  ///
  /// - Parameter openFilesLimit: RLIMIT_NOFILE.
  func start(_ config: Configuration, openFilesLimit: Int?) async throws

  /// `weir run`, and waits for nothing.
  func launch(_ config: Configuration, openFilesLimit: Int?) async throws

  /// `weir run --once`, and waits for its end.
  ///
  /// - Returns: its exit status.
  func once(_ config: Configuration) async throws -> Int

  /// SIGTERM, and waits for the end.
  ///
  /// - Returns: its exit status.
  func stop() async throws -> Int

  /// SIGKILL, and waits for the end.
  func kill() async throws

  /// SIGSTOP and SIGCONT.
  func freeze() async throws
  func thaw() async throws

  /// SIGHUP with another config, and waits for nothing.
  func hangUp(_ config: Configuration) async throws

  /// The same, and waits until that is taken or refused.
  ///
  /// - Returns: whether it was taken.
  func reload(_ config: Configuration) async throws -> Bool

  /// Waits until the agent has looked at all that was done so far. What it then reads may take longer.
  func settle() async throws

  /// Waits until `isThere`; on the simulator, time passes meanwhile as it has to.
  ///
  /// - Returns: false if it did not come.
  func wait(seconds: Int, until isThere: () throws -> Bool) async throws -> Bool

  // MARK: What is there

  /// All rows of `matches`, in order of their ids; of the scenario's own pipelines.
  func lines() throws -> [StoredLine]

  /// All rows of `gaps`.
  func gaps() throws -> [StoredGap]

  /// What all runs of the agent have logged, line by line, from `debug` on: `warning: …`, `error: …`; of `info` the
  /// sentence alone.
  func log() throws -> [String]
}

/// What a stage could not do.
struct StageFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
