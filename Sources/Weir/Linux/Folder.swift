import Coroutines
import Glibc
import SystemPackage

/// Reading folders and links.
enum Folder {
  /// The names in a folder but `.` and `..`, in no order.
  static func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] {
    guard let stream = folder.withPlatformString({ opendir($0) }) else { throw SystemError("opendir") }
    defer { closedir(stream) }
    var names: [FilePath.Component] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw SystemError("readdir") }
        return names
      }
      // d_name is declared with 256 bytes and may be shorter: it is read through its address, up to its NUL.
      let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name)!
      let name = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
      if strcmp(name, ".") == 0 || strcmp(name, "..") == 0 { continue }
      guard let component = FilePath.Component(platformString: name) else { continue }
      names.append(component)
    }
  }

  /// Where a symbolic link leads, as an absolute path.
  static func target(ofLink link: FilePath) throws(SystemError) -> FilePath {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = link.withPlatformString { readlink($0, &buffer, Int(PATH_MAX)) }
    guard count >= 0 else { throw SystemError("readlink") }
    buffer[count] = 0
    return link.removingLastComponent().pushing(FilePath(platformString: buffer)).lexicallyNormalized()
  }
}
