import Coroutines
import Glibc
import Synchronization

/// A folder of a test, removed with it.
final class ArticleFolder: Sendable {
  let path: String
  private let names = Mutex<Set<String>>([])

  init() throws {
    var template = Array("/tmp/coroutines-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names.withLock({ $0 }) { unlink(file(name)) }
    rmdir(path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Appends `text` to the file, which is made if it is not there.
  ///
  /// - Returns: the path of the file.
  @discardableResult
  func append(_ text: String, to name: String) throws -> String {
    names.withLock { _ = $0.insert(name) }
    guard let stream = fopen(file(name), "ae") else { throw SystemError("fopen") }
    defer { fclose(stream) }
    guard fputs(text, stream) >= 0 else { throw SystemError("fputs") }
    return file(name)
  }
}
