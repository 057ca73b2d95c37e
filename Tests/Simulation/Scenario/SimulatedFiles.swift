import Coroutines
import Glibc
import SimulatedDisk
import SystemPackage

@testable import Weir

/// A writer that keeps a file open.
struct HeldFile {
  let node: Node
  /// Where it goes on; nil: at the end of the file.
  var offset: Int?
}

/// Files of the simulated tree.
extension SimulatedStage {
  func place(_ path: String) -> FilePath {
    let place = FilePath("\(Self.logs)/\(path)")
    return path.contains("./") ? place.lexicallyNormalized() : place
  }

  /// open(2) with O_CREAT, through links.
  func opened(_ path: FilePath, depth: Int = 0) throws -> Node {
    guard tree.exists(path) else { return try tree.make(.regular, at: path) }
    let node = try tree.node(at: path, followsLast: false, call: "open")
    guard node.kind == .link else { return node }
    guard depth < 40 else { throw SystemError("open", code: ELOOP) }
    return try opened(path.removingLastComponent().pushing(node.target).lexicallyNormalized(), depth: depth + 1)
  }

  /// open(2) with O_TRUNC, and write(2).
  func write(_ bytes: [UInt8], over node: Node) {
    if !node.bytes.isEmpty { tree.truncate(node, to: 0) }
    if !bytes.isEmpty { tree.append(bytes, to: node) }
  }

  func append(_ bytes: [UInt8], to path: String) async throws {
    let node = try opened(place(path))
    guard let pipe = node.pipe else { return tree.append(bytes, to: node) }
    guard Glibc.write(pipe.writing, bytes, bytes.count) == bytes.count else {
      throw StageFailure("write \(path): \(errorText)")
    }
  }

  func append(_ bytes: [UInt8], toHeld name: String) async throws {
    guard let file = held[name] else { throw StageFailure("nothing is held as \(name)") }
    tree.write(bytes, to: file.node, at: file.offset ?? file.node.bytes.count)
    if let offset = file.offset { held[name]?.offset = offset + bytes.count }
  }

  func write(_ bytes: [UInt8], to path: String) async throws { write(bytes, over: try opened(place(path))) }

  func overwrite(_ bytes: [UInt8], in path: String, at offset: Int) async throws {
    tree.write(bytes, to: try tree.node(at: place(path), call: "open"), at: offset)
  }

  func truncate(_ path: String, to size: Int) async throws {
    tree.truncate(try tree.node(at: place(path), call: "truncate"), to: size)
  }

  func hold(_ path: String, as name: String, isAppending: Bool) async throws {
    let node = try opened(place(path))
    tree.open(node)
    if let former = held.updateValue(HeldFile(node: node, offset: isAppending ? nil : 0), forKey: name) {
      tree.close(former.node)
    }
  }

  func release(_ name: String) async throws {
    guard let file = held.removeValue(forKey: name) else { throw StageFailure("nothing is held as \(name)") }
    tree.close(file.node)
  }

  func move(_ path: String, to other: String) async throws {
    try noteRemoval(of: place(other))
    try tree.move(place(path), to: place(other))
  }

  func copy(_ path: String, to other: String) async throws {
    let bytes = try tree.node(at: place(path), call: "open").bytes
    write(bytes, over: try opened(place(other)))
  }

  func remove(_ path: String) async throws {
    let place = place(path)
    if path.hasPrefix("../") { return try databases.disk.remove(place) }
    try removeAll(at: place)
  }

  private func removeAll(at path: FilePath) throws {
    let node = try tree.node(at: path, followsLast: false, call: "unlink")
    removedInode = node.inode
    for name in node.children.keys.sorted() { try removeAll(at: path.appending(name)) }
    try tree.remove(path)
  }

  func gzip(_ path: String) async throws {
    let node = try tree.node(at: place(path), call: "open")
    let packed = try tree.make(.regular, at: place(path + ".gz"))
    tree.append(Gzip.compress(node.bytes), to: packed)
    try tree.setTime(place(path + ".gz"), node.modifiedAt)
    try noteRemoval(of: place(path))
    try tree.remove(place(path))
  }

  /// Where the agent has that file open, its number is not free, as on the kernel: the new one has another.
  func recreate(_ path: String, with bytes: [UInt8]) async throws {
    guard let removedInode else { throw StageFailure("no file was removed before") }
    let made = place(".recreated")
    tree.append(bytes, to: try tree.make(.regular, at: made, inode: removedInode))
    try tree.move(made, to: place(path))
  }

  func make(_ kind: NewFile, at path: String) async throws {
    let kind: FileStatus.Kind =
      switch kind {
      case .folder: .folder
      case .fifo: .fifo
      case .socket: .other
      }
    try tree.make(kind, at: place(path))
  }

  func link(_ path: String, to target: String) async throws {
    try tree.link(tree.node(at: place(target), followsLast: false, call: "link"), at: place(path))
  }

  func symlink(_ path: String, to target: String) async throws {
    try tree.makeLink(to: FilePath(target), at: place(path))
  }

  func chmod(_ path: String, mode: Int) async throws {
    try tree.setRights(place(path), isReadable: mode & 0o400 != 0, isSearchable: mode & 0o100 != 0)
  }

  func age(_ path: String, seconds: Int) async throws {
    try tree.setTime(place(path), clock.wall - .seconds(seconds))
  }

  private func noteRemoval(of path: FilePath) throws {
    guard tree.exists(path) else { return }
    removedInode = try tree.node(at: path, followsLast: false, call: "lstat").inode
  }
}
