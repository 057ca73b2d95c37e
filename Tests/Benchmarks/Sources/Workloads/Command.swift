import Glibc

/// A program to be run, with its arguments and its ends.
struct Command {
  /// Where an end of it leads.
  enum End {
    case inherited, nothing
    case file(String)
    case descriptor(Int32)
  }

  var words: [String]
  /// What it is told beside this process's environment.
  var environment: [String: String] = [:]
  var input = End.nothing
  var output = End.nothing
  var errors = End.inherited

  init(_ words: String..., output: End = .nothing) {
    self.words = words
    self.output = output
  }

  /// Starts it.
  ///
  /// - Returns: the number of its process.
  func start() throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    lead(input, to: STDIN_FILENO, O_RDONLY, &actions)
    lead(output, to: STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC, &actions)
    lead(errors, to: STDERR_FILENO, O_WRONLY | O_CREAT | O_TRUNC, &actions)
    let arguments = Self.strings(words)
    let variables = Self.strings(Self.variables(and: environment))
    defer { for string in arguments + variables { free(string) } }
    var process: pid_t = 0
    let error = posix_spawnp(&process, words[0], &actions, nil, arguments, variables)
    guard error == 0 else { throw Failure("\(words[0]): \(String(cString: strerror(error)))") }
    return process
  }

  private func lead(_ end: End, to descriptor: Int32, _ flags: Int32, _ actions: inout posix_spawn_file_actions_t) {
    switch end {
    case .inherited: break
    case .nothing: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    case .file(let path): posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o644)
    case .descriptor(let other): posix_spawn_file_actions_adddup2(&actions, other, descriptor)
    }
  }

  private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] { texts.map { strdup($0) } + [nil] }

  private static func variables(and more: [String: String]) -> [String] {
    var variables = more.map { "\($0)=\($1)" }
    var place = environ
    while let variable = place.pointee {
      let text = String(cString: variable)
      if !more.keys.contains(where: { text.hasPrefix("\($0)=") }) { variables.append(text) }
      place += 1
    }
    return variables
  }
}
