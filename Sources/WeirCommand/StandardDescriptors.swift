import Glibc

/// Standard input, output and error.
enum StandardDescriptors {
  /// Gives those that are closed a place that cannot be used, so that no database or log gets their numbers and no
  /// match is printed into one: standard output is opened for reading, standard input for writing.
  static func open() {
    for (number, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)] {
      if fcntl(number, F_GETFD) == -1, Glibc.open("/dev/null", mode) != number { _exit(1) }
    }
  }
}
