import Glibc

/// Standard input, output and error.
enum StandardDescriptors {
  /// Gives those that are closed a place, so that no database or log gets their numbers and no match is printed into
  /// one: standard input is empty, and standard output cannot be written to.
  static func open() {
    for (number, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)] {
      if fcntl(number, F_GETFD) == -1, Glibc.open("/dev/null", mode) != number { _exit(1) }
    }
  }
}
