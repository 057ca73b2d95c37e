import Glibc
import SystemPackage

/// A folder of real files for one test, removed with the last reference.
final class Scratch: Sendable {
  let folder: FilePath

  init() {
    var template = Array("/tmp/weir-follow-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil)
    folder = FilePath(template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
  }

  deinit { Self.run("/bin/rm", ["-rf", folder.string]) }

  func path(_ name: String) -> FilePath { folder.pushing(FilePath(name)) }

  func append(_ text: String, to name: String) { write(Array(text.utf8), to: name, O_APPEND) }

  func write(_ bytes: [UInt8], to name: String, _ flags: Int32 = O_TRUNC) {
    let file = open(path(name).string, O_WRONLY | O_CREAT | flags, 0o644)
    precondition(file >= 0, "open \(name): \(errno)")
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + done, bytes.count - done) }
      precondition(count > 0)
      done += count
    }
    close(file)
  }

  func write(_ text: String, to name: String, at offset: Int) {
    let file = open(path(name).string, O_WRONLY, 0)
    _ = Array(text.utf8).withUnsafeBytes { pwrite(file, $0.baseAddress!, $0.count, off_t(offset)) }
    close(file)
  }

  func rename(_ old: String, _ new: String) { precondition(Glibc.rename(path(old).string, path(new).string) == 0) }
  func remove(_ name: String) { precondition(unlink(path(name).string) == 0) }
  func truncate(_ name: String, to size: Int = 0) {
    precondition(Glibc.truncate(path(name).string, off_t(size)) == 0)
  }
  func makeFolder(_ name: String) { precondition(mkdir(path(name).string, 0o755) == 0) }
  func link(_ name: String, to target: String) { precondition(symlink(target, path(name).string) == 0) }

  /// - Returns: the exit status.
  @discardableResult
  static func run(_ program: String, _ arguments: [String]) -> Int32 {
    var pid = pid_t()
    var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    argv.append(nil)
    defer { argv.forEach { free($0) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    guard posix_spawn(&pid, program, nil, nil, &argv, &environment) == 0 else { return -1 }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    return (status >> 8) & 0xff
  }
}
