import Coroutines
import Glibc

/// A file in a folder of its own, that a test appends lines to.
final class LogFile: Sendable {
  let folder: String
  var path: String { "\(folder)/access.log" }

  init(_ text: String = "") {
    var template = Array("/tmp/weir-lecture-XXXXXX".utf8CString)
    folder = template.withUnsafeMutableBufferPointer { buffer in
      precondition(mkdtemp(buffer.baseAddress!) != nil, "no folder in /tmp")
      return String(cString: buffer.baseAddress!)
    }
    append(text)
  }

  deinit {
    unlink(path)
    rmdir(folder)
  }

  func append(_ text: String) {
    guard let file = fopen(path, "a") else { preconditionFailure("no file at \(path)") }
    fputs(text, file)
    fclose(file)
  }
}

/// Reads lines, as Python's `readline` does: an unfinished one at the end is left for later.
final class LineFile: @unchecked Sendable {
  private let file: UnsafeMutablePointer<FILE>

  /// - Parameter atEnd: whether to begin where the file ends now.
  init(_ path: String, atEnd: Bool) {
    guard let file = fopen(path, "r") else { preconditionFailure("no file at \(path)") }
    self.file = file
    if atEnd { fseek(file, 0, SEEK_END) }
  }

  deinit { fclose(file) }

  /// The next whole line without its end; nil when there is none yet.
  func readLine() -> String? {
    var (line, capacity): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
    defer { free(line) }
    let start = ftell(file)
    let count = getline(&line, &capacity, file)
    guard count > 0, let line, line[count - 1] == 10 else {
      clearerr(file)
      fseek(file, start, SEEK_SET)
      return nil
    }
    line[count - 1] = 0
    return String(cString: line)
  }
}

/// The lecture's three shapes of `follow`: all open, seek to the end, read a line at a time, pause 0.1 s when there is
/// none.
enum Follow {
  static let pause = Duration.milliseconds(100)

  /// Calls `grep` with each line.
  static func push(_ path: String, on scheduler: Scheduler, to grep: @Sendable (String) -> Void) async throws {
    let file = LineFile(path, atEnd: true)
    while true {
      if let line = file.readLine() { grep(line) } else { try await scheduler.sleep(for: pause) }
    }
  }

  /// Yields the lines.
  static func lines(of path: String, on scheduler: Scheduler) -> Generator<String> {
    Generator(name: "follow \(path)", on: scheduler) { yield in
      let file = LineFile(path, atEnd: true)
      while true {
        if let line = file.readLine() { try await yield(line) } else { try await scheduler.sleep(for: pause) }
      }
    }
  }

  /// Sends each line to `target`.
  static func send<Output>(
    _ path: String, on scheduler: Scheduler, to target: Coroutine<String, Output, Void>
  ) async throws {
    let file = LineFile(path, atEnd: true)
    while true {
      if let line = file.readLine() { try await target.send(line) } else { try await scheduler.sleep(for: pause) }
    }
  }
}
