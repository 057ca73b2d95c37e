import Glibc

/// Real files.
extension KernelStage {
  private func place(_ path: String) -> String { logs + "/" + path }

  func append(_ bytes: [UInt8], to path: String) async throws {
    var status = stat()
    let isFIFO = stat(place(path), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    guard isFIFO else { return try put(bytes, at: place(path), O_CREAT | O_APPEND) }
    // Without a reader a FIFO cannot be opened for writing but by waiting for one.
    let isOpen = try await wait(seconds: 20) {
      let descriptor = open(self.place(path), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { return false }
      defer { close(descriptor) }
      try self.writeAll(bytes, to: descriptor)
      return true
    }
    guard isOpen else { throw StageFailure("nobody reads the FIFO \(path)") }
  }

  func append(_ bytes: [UInt8], toHeld name: String) async throws {
    guard let descriptor = held[name] else { throw StageFailure("nothing is held as \(name)") }
    try writeAll(bytes, to: descriptor)
  }

  func write(_ bytes: [UInt8], to path: String) async throws { try put(bytes, at: place(path), O_CREAT | O_TRUNC) }

  func overwrite(_ bytes: [UInt8], in path: String, at offset: Int) async throws {
    let descriptor = open(place(path), O_WRONLY | O_CLOEXEC)
    try check(descriptor, "open \(path)")
    defer { close(descriptor) }
    guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
      throw StageFailure("pwrite \(path): \(errorText)")
    }
  }

  func truncate(_ path: String, to size: Int) async throws {
    try check(Glibc.truncate(place(path), off_t(size)), "truncate \(path)")
  }

  func hold(_ path: String, as name: String, isAppending: Bool) async throws {
    let descriptor = open(place(path), O_WRONLY | O_CREAT | O_CLOEXEC | (isAppending ? O_APPEND : 0), 0o644)
    try check(descriptor, "open \(path)")
    if let former = held.updateValue(descriptor, forKey: name) { close(former) }
  }

  func release(_ name: String) async throws {
    guard let descriptor = held.removeValue(forKey: name) else { throw StageFailure("nothing is held as \(name)") }
    close(descriptor)
  }

  func move(_ path: String, to other: String) async throws {
    noteRemoval(of: other)
    try check(rename(place(path), place(other)), "rename \(path) \(other)")
  }

  func copy(_ path: String, to other: String) async throws { try run("cp", place(path), place(other)) }

  func remove(_ path: String) async throws {
    noteRemoval(of: path)
    if unlink(place(path)) == 0 { return }
    guard errno == EISDIR else { throw StageFailure("unlink \(path): \(errorText)") }
    try run("rm", "-r", place(path))
  }

  func gzip(_ path: String) async throws {
    noteRemoval(of: path)
    try run("gzip", place(path))
  }

  /// Most file systems give the number again at once, but others of the machine may take it first: it is tried a few
  /// times, and then the checkpoints of an agent that is down are made to look alike. To one that runs a file comes
  /// that has another number.
  func recreate(_ path: String, with bytes: [UInt8]) async throws {
    guard let removed else { throw StageFailure("no file was removed before") }
    var others: [String] = []
    defer { for other in others { unlink(other) } }
    for attempt in 0..<50 {
      let candidate = place(".recreated-\(attempt)")
      try put(bytes, at: candidate, O_CREAT | O_EXCL)
      if try inode(of: candidate) == removed.inode {
        return try check(rename(candidate, place(path)), "rename to \(path)")
      }
      others.append(candidate)
    }
    let last = others.removeLast()
    if !isRunning { try renumber(removed, as: try inode(of: last)) }
    try check(rename(last, place(path)), "rename to \(path)")
  }

  func make(_ kind: NewFile, at path: String) async throws {
    switch kind {
    case .folder: try check(mkdir(place(path), 0o755), "mkdir \(path)")
    case .fifo: try check(mkfifo(place(path), 0o644), "mkfifo \(path)")
    case .socket:
      let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      try check(descriptor, "socket")
      defer { close(descriptor) }
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: place(path).utf8) }
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try check(result, "bind \(path)")
    }
  }

  func link(_ path: String, to target: String) async throws {
    try check(Glibc.link(place(target), place(path)), "link \(path)")
  }

  func symlink(_ path: String, to target: String) async throws {
    try check(Glibc.symlink(target, place(path)), "symlink \(path)")
  }

  func chmod(_ path: String, mode: Int) async throws {
    try check(Glibc.chmod(place(path), mode_t(mode)), "chmod \(path)")
  }

  func age(_ path: String, seconds: Int) async throws {
    let time = timespec(tv_sec: Glibc.time(nil) - seconds, tv_nsec: 0)
    try check(utimensat(AT_FDCWD, place(path), [time, time], 0), "utimensat \(path)")
  }

  // MARK: Calls

  private func inode(of path: String) throws -> ino_t {
    var status = stat()
    try check(stat(path, &status), "stat \(path)")
    return status.st_ino
  }

  private func noteRemoval(of path: String) {
    var status = stat()
    if lstat(place(path), &status) == 0 { removed = (status.st_dev, status.st_ino) }
  }

  /// Opens an absolute path for writing, and writes.
  func put(_ bytes: [UInt8], at path: String, _ flags: Int32) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC | flags, 0o644)
    try check(descriptor, "open \(path)")
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor)
  }

  func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw StageFailure("write: \(errorText)") }
  }

  /// Nothing if the file is not there.
  func content(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return bytes
  }

  func check(_ result: Int32, _ what: String) throws {
    if result < 0 { throw StageFailure("\(what): \(errorText)") }
  }

  /// Runs a program of the system to its end, which is soon.
  func run(_ words: String...) throws {
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var pid: pid_t = 0
    let failure = posix_spawnp(&pid, words[0], nil, nil, arguments, environ)
    guard failure == 0 else { throw StageFailure("\(words[0]): \(String(cString: strerror(failure)))") }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    if status != 0 { throw StageFailure("\(words.joined(separator: " ")) failed") }
  }
}
