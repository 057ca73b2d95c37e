import Glibc
import Synchronization
import Testing

/// The built program `weir` as a process, with its output read as it comes.
///
/// Owner: one test; not for several threads.
final class Program {
  let pid: pid_t
  private let output: Int32
  private let errors: Int32
  private var outputText: [UInt8] = []
  private var errorText: [UInt8] = []
  private var isReaped = false

  /// Starts `weir` with these arguments in `folder`, by a shell that runs `first` before.
  init(
    _ arguments: [String], in folder: Scratch, environment: [String: String] = [:], after first: String = ":"
  ) throws {
    let shell = ["/bin/sh", "-c", "cd \"$0\" && \(first) && exec \"$@\"", folder.path, Self.path]
    let words = (shell + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [strdup("PATH=/usr/bin:/bin"), nil]
    defer { (words + variables).forEach { free($0) } }
    (pid, output, errors) = try Spawning.lock.withLock { _ in try Self.spawn(words, variables) }
  }

  private static func spawn(
    _ words: [UnsafeMutablePointer<CChar>?], _ variables: [UnsafeMutablePointer<CChar>?]
  ) throws -> (pid_t, Int32, Int32) {
    var (output, errors): ([Int32], [Int32]) = ([0, 0], [0, 0])
    try #require(pipe(&output) == 0)
    try #require(pipe(&errors) == 0)
    for end in output + errors { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer {
      close(output[1])
      close(errors[1])
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO)
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, "/bin/sh", &actions, nil, words, variables)
    try #require(failure == 0, "\(String(cString: strerror(failure)))")
    return (pid, output[0], errors[0])
  }

  deinit {
    if !isReaped {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    close(output)
    close(errors)
  }

  /// Beside the test program, where the build puts both; or what `WEIR_PROGRAM` names, as an optimised one.
  static let path: String = {
    if let named = getenv("WEIR_PROGRAM") { return String(cString: named) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
    return own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/weir"
  }()

  /// Standard output and standard error so far.
  var printed: String { String(decoding: outputText, as: UTF8.self) }
  var said: String { String(decoding: errorText, as: UTF8.self) }

  /// Waits until standard output has `text`.
  func awaitOutput(_ text: String, seconds: Int = 20) throws {
    try await_(seconds: seconds, what: "output \"\(text)\"") { $0.printed.contains(text) }
  }

  /// Whether standard output has `text` by now.
  func hasOutput(_ text: String) -> Bool {
    while read(waiting: 0) == .some {}
    return printed.contains(text)
  }

  /// Waits until standard error has `text`.
  func awaitNotice(_ text: String, seconds: Int = 20) throws {
    try await_(seconds: seconds, what: "notice \"\(text)\"") { $0.said.contains(text) }
  }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end. - Returns: the exit status, or 128 and the signal that ended it.
  @discardableResult
  func awaitEnd(seconds: Int = 30) throws -> Int32 {
    try await_(seconds: seconds, what: "the end of weir") { $0.read(waiting: 100) == .ended }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    isReaped = true
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  /// Whether it comes to its end within so many milliseconds; ``awaitEnd(seconds:)`` says how.
  func ends(within milliseconds: Int32) -> Bool {
    let deadline = ContinuousClock.now + .milliseconds(Int(milliseconds))
    repeat {
      if read(waiting: milliseconds) == .ended { return true }
    } while ContinuousClock.now < deadline
    return false
  }

  private enum Progress { case waiting, some, ended }

  private func await_(seconds: Int, what: String, until isThere: (Program) -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !isThere(self) {
      let progress = read(waiting: 100)
      if isThere(self) { return }
      try #require(
        progress != .ended && ContinuousClock.now < deadline,
        "no \(what) within \(seconds) s; output: \(printed) errors: \(said)")
    }
  }

  /// Takes what there is to read, waiting for it at most so many milliseconds.
  private func read(waiting milliseconds: Int32) -> Progress {
    var polled = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&polled, 2, milliseconds) > 0 else { return .waiting }
    var ended = 0
    for (index, one) in polled.enumerated() where one.revents != 0 {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = Glibc.read(one.fd, &buffer, buffer.count)
      if count <= 0 { ended += 1 }
      if index == 0 { outputText += buffer.prefix(max(0, count)) } else { errorText += buffer.prefix(max(0, count)) }
    }
    return ended == 2 ? .ended : .some
  }
}

/// One process is started at a time: between pipe(2) and fcntl(2) another child would inherit the ends.
enum Spawning {
  static let lock = Mutex(())
}
