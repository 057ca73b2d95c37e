import Glibc
import SystemPackage

/// Where the text of a config file comes from.
struct ConfigSource {
  /// Larger files are refused: no person wrote them.
  static let bytesLimit = 1 << 20

  /// Why it is not read.
  enum Trouble: Error, CustomStringConvertible {
    case system(Errno)
    /// Neither a file nor a folder.
    case noFile

    fileprivate static func of(_ error: any Error) -> Trouble {
      error as? Trouble ?? .system(error as? Errno ?? .ioError)
    }

    var description: String {
      switch self {
      case .system(let error): error.description
      case .noFile: "it is no file"
      }
    }
  }

  /// As the user gave it.
  let path: FilePath
  let absolutePath: FilePath
  /// What is read instead of the file.
  private let content: [UInt8]?
  /// Whether a pipe is read too, and waited for: else who reads would stand until someone writes.
  private let waits: Bool

  init(path: FilePath, absolutePath: FilePath, content: [UInt8]? = nil, waits: Bool = false) {
    self.waits = waits
    self.path = path
    self.absolutePath = absolutePath
    self.content = content
  }

  /// A file named on the command line. Nil where the current folder is needed and cannot be told.
  init?(path: FilePath, content: [UInt8]? = nil, waits: Bool) {
    guard !path.isAbsolute else {
      self.init(path: path, absolutePath: path.lexicallyNormalized(), content: content, waits: waits)
      return
    }
    guard let current = getcwd(nil, 0) else { return nil }
    defer { free(current) }
    let absolute = FilePath(platformString: current).pushing(path).lexicallyNormalized()
    self.init(path: path, absolutePath: absolute, content: content, waits: waits)
  }

  /// The file as text, in full; nil if that cannot be (then reported).
  func text(problems: Problems) -> SourceText? {
    let name = path.string
    problems.enter(name)
    let bytes: [UInt8]
    do throws(Trouble) {
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
  var readingError: Trouble? {
    do throws(Trouble) {
      try close(open())
      return nil
    } catch { return error }
  }

  private func open() throws(Trouble) -> FileDescriptor {
    do {
      if waits { return try FileDescriptor.open(absolutePath, .readOnly, options: [.closeOnExec]) }
      let file = try FileDescriptor.open(absolutePath, .readOnly, options: [.closeOnExec, .nonBlocking])
      var status = stat()
      if fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return file }
      try file.close()
      throw status.st_mode & S_IFMT == S_IFDIR ? Trouble.system(.isDirectory) : .noFile
    } catch { throw .of(error) }
  }

  private func close(_ file: FileDescriptor) throws(Trouble) {
    do { try file.close() } catch { throw .of(error) }
  }

  /// All bytes, or one more than is allowed.
  private func read() throws(Trouble) -> [UInt8] {
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
    } catch { throw .of(error) }
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
