import Glibc

/// A folder for what a run needs and leaves.
struct Folder {
  let path: String

  /// Makes it, if it is not there.
  init(_ path: String) throws {
    self.path = path
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Failure.call(path) }
  }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  /// A folder within, without what an earlier run left there.
  func empty(_ name: String) throws -> Folder {
    _ = try Run(Command("rm", "-rf", path(name)))
    return try Folder(path(name))
  }

  /// Writes a file.
  ///
  /// - Returns: its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    guard let file = fopen(path(name), "we") else { throw Failure.call(path(name)) }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten else { throw Failure.call(path(name)) }
    return path(name)
  }
}

/// What a small file holds.
func text(of path: String) throws -> String {
  guard let file = fopen(path, "re") else { throw Failure.call(path) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 1 << 14)
  while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
  return String(decoding: bytes, as: UTF8.self)
}

func isInstalled(_ program: String) -> Bool { system("command -v \(program) >/dev/null") == 0 }
