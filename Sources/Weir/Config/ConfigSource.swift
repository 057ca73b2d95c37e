import Glibc
import SystemPackage

/// Where the text of a config file comes from.
struct ConfigSource {
  /// Larger files are refused: no person wrote them.
  static let bytesLimit = 1 << 20

  /// As the user gave it.
  let path: FilePath
  let absolutePath: FilePath
  /// What is read instead of the file.
  private let content: [UInt8]?

  init(path: FilePath, absolutePath: FilePath, content: [UInt8]? = nil) {
    self.path = path
    self.absolutePath = absolutePath
    self.content = content
  }

  /// A file named on the command line. Nil where the current folder is needed and cannot be told.
  init?(path: FilePath, content: [UInt8]? = nil) {
    guard !path.isAbsolute else {
      self.init(path: path, absolutePath: path.lexicallyNormalized(), content: content)
      return
    }
    guard let current = getcwd(nil, 0) else { return nil }
    defer { free(current) }
    let absolute = FilePath(platformString: current).pushing(path).lexicallyNormalized()
    self.init(path: path, absolutePath: absolute, content: content)
  }

  /// The file as text, in full; nil if that cannot be (then reported).
  func text(problems: Problems) -> SourceText? {
    let name = path.string
    problems.enter(name)
    let bytes: [UInt8]
    do throws(Errno) {
      if let content { bytes = content } else { bytes = try read() }
    } catch {
      problems.add("cannot be read: \(error)", of: name)
      return nil
    }
    guard bytes.count <= Self.bytesLimit else {
      problems.add("larger than 1 MiB, which is no config", of: name)
      return nil
    }
    let source = SourceText(name: name, folder: absolutePath.removingLastComponent(), bytes: bytes)
    if let position = Self.firstNotUTF8(bytes) {
      problems.add("not UTF-8; a config is", at: source.place(position..<position))
      return nil
    }
    return source
  }

  /// Why the file cannot be opened; nil if it can.
  var readingError: Errno? {
    do throws(Errno) {
      try close(open())
      return nil
    } catch { return error }
  }

  private func open() throws(Errno) -> FileDescriptor {
    do {
      return try FileDescriptor.open(absolutePath, .readOnly, options: [.closeOnExec])
    } catch { throw error as? Errno ?? .ioError }
  }

  private func close(_ file: FileDescriptor) throws(Errno) {
    do { try file.close() } catch { throw error as? Errno ?? .ioError }
  }

  /// All bytes, or one more than is allowed.
  private func read() throws(Errno) -> [UInt8] {
    let file = try open()
    var bytes = [UInt8](repeating: 0, count: Self.bytesLimit + 1)
    var count = 0
    do {
      defer { try? file.close() }
      while count < bytes.count {
        let got = try bytes.withUnsafeMutableBytes {
          try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
        }
        if got == 0 { break }
        count += got
      }
    } catch { throw error as? Errno ?? .ioError }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// The scalar before which the first bad byte stands.
  private static func firstNotUTF8(_ bytes: [UInt8]) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var count = 0
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): if count > 0 || scalar != "\u{feff}" { count += 1 }
      case .emptyInput: return nil
      case .error: return count
      }
    }
  }
}
