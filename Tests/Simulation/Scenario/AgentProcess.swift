import Glibc

/// The built program as a process, with its output in files of its folder: `output`, and `log` for standard error.
///
/// Killed with its last reference. Not for several threads.
final class AgentProcess {
  let pid: pid_t
  private var status: Int?

  /// What other tests have open at the moment would count among its few descriptors.
  private static let closingOthers = """
    for name in /proc/self/fd/*; do number=${name##*/}; [ "$number" -lt 3 ] || eval "exec $number>&-"; done
    """

  /// - Parameters:
  ///   - folder: where it runs.
  ///   - openFilesLimit: RLIMIT_NOFILE; nil: as it is.
  init(_ arguments: [String], in folder: String, logs: String, openFilesLimit: Int?) throws {
    let limit = openFilesLimit.map { "\(Self.closingOthers); ulimit -n \($0) && " } ?? ""
    var words = ["/bin/bash", "-c", "cd \"$0\" && \(limit)exec \"$@\"", folder]
    if geteuid() == 0 { words += Self.withoutPrivileges }
    let all = (words + [Self.path] + arguments).map { strdup($0) } + [nil]
    let variables = [strdup("LOGS=\(logs)"), strdup("PATH=/usr/bin:/bin"), nil]
    defer { (all + variables).forEach { free($0) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, folder + "/output", flags, 0o644)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder + "/log", flags, 0o644)
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, words[0], &actions, nil, all, variables)
    guard failure == 0 else { throw StageFailure("posix_spawn: \(String(cString: strerror(failure)))") }
    self.pid = pid
  }

  deinit {
    guard status == nil else { return }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  /// Rights of files hold for root too.
  private static let withoutPrivileges = [
    "setpriv", "--inh-caps=-dac_override,-dac_read_search", "--bounding-set=-dac_override,-dac_read_search",
  ]

  /// Beside the test program, where the build puts both.
  private static let path: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
    return own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/weir"
  }()

  func signal(_ number: Int32) { kill(pid, number) }

  /// - Returns: nil while it runs; then the exit status, or 128 and the signal that ended it.
  func ended() throws -> Int? {
    if let status { return status }
    var word: Int32 = 0
    let result = waitpid(pid, &word, WNOHANG)
    if result < 0 { throw StageFailure("waitpid: \(errorText)") }
    guard result == pid else { return nil }
    status = Int(word & 0x7f == 0 ? (word >> 8) & 0xff : 128 + (word & 0x7f))
    return status
  }
}
