import Coroutines
import Glibc
import SystemPackage

@testable import Weir

/// The simulated disk as one life of the agent sees it: with what can go wrong, until that life is over.
final class AgentFiles: FileSystem, @unchecked Sendable {
  let tree: FileTree
  /// What happens while the agent is in a system call: others have their turn, and faults.
  let beforeCall: (_ call: String) throws(SystemError) -> Void
  /// RLIMIT_NOFILE.
  var openLimit = Int.max
  /// What statfs(2) says of every folder; ext4.
  var type = FileSystemType(magic: 0xef53)
  /// Asked before each read: whether it is two calls of which the first gives a part.
  var readsInPieces: () -> Bool = { false }
  /// Told of each queue that is made.
  var onEvents: (SimulatedEvents) -> Void = { _ in }
  private(set) var openCount = 0
  private var lastNumber = 0
  private var open: [ObjectIdentifier: Weak] = [:]
  /// After a kill: what the process still does reaches nothing.
  private(set) var isDead = false

  private struct Weak { weak var file: SimulatedFile? }

  init(_ tree: FileTree, beforeCall: @escaping (_ call: String) throws(SystemError) -> Void) {
    self.tree = tree
    self.beforeCall = beforeCall
  }

  /// The process is gone, and with it its descriptors.
  func die() {
    isDead = true
    for file in open.values.compactMap(\.file).sorted(by: { $0.number < $1.number }) { file.drop() }
    open = [:]
  }

  func enter(_ call: String) throws(SystemError) {
    if isDead { throw SystemError(call, code: EIO) }
    try beforeCall(call)
  }

  func status(of path: FilePath) throws(SystemError) -> FileStatus {
    try enter("stat")
    return try tree.node(at: path, isAgent: true, call: "stat").status(device: tree.device)
  }

  func status(ofLink path: FilePath) throws(SystemError) -> FileStatus {
    try enter("lstat")
    return try tree.node(at: path, followsLast: false, isAgent: true, call: "lstat").status(device: tree.device)
  }

  func type(ofFileSystemAt path: FilePath) throws(SystemError) -> FileSystemType {
    try enter("statfs")
    _ = try tree.node(at: path, isAgent: true, call: "statfs")
    return type
  }

  func names(in folder: FilePath) throws(SystemError) -> [FilePath.Component] {
    try enter("opendir")
    let node = try tree.node(at: folder, isAgent: true, call: "opendir")
    guard node.kind == .folder else { throw SystemError("opendir", code: ENOTDIR) }
    guard node.isReadable else { throw SystemError("opendir", code: EACCES) }
    guard openCount < openLimit else { throw SystemError("opendir", code: EMFILE) }
    return tree.names(in: node)
  }

  func target(ofLink link: FilePath) throws(SystemError) -> FilePath {
    try enter("readlink")
    let node = try tree.node(at: link, followsLast: false, isAgent: true, call: "readlink")
    guard node.kind == .link else { throw SystemError("readlink", code: EINVAL) }
    return link.removingLastComponent().pushing(node.target).lexicallyNormalized()
  }

  func open(_ path: FilePath) throws(SystemError) -> (source: FileSource, status: FileStatus) {
    try enter("open")
    let node = try tree.node(at: path, isAgent: true, call: "open")
    guard node.isReadable, openCount < openLimit else {
      node.wasDenied = true
      if !node.isReadable { noteDenied(node, at: path) }
      throw SystemError("open", code: node.isReadable ? EMFILE : EACCES)
    }
    if node.kind == .other { throw SystemError("open", code: ENXIO) }
    let status = node.status(device: tree.device)
    if let pipe = node.pipe {
      // As ``LinuxFiles``: for writing too, so that it does not end.
      let path = FilePath("/proc/self/fd/\(pipe.reading)")
      return (.stream(try Descriptor(opening: path, flags: O_RDWR | O_NONBLOCK)), status)
    }
    node.openedNames.insert(path)
    node.everOpenedNames.insert(path)
    return (.file(SimulatedFile(node, at: path, in: self)), status)
  }

  func makeEvents() throws(SystemError) -> any FileEvents {
    try enter("inotify_init1")
    let events = tree.makeEvents()
    events.beforeCall = { [weak self] () throws(SystemError) in try self?.enter("inotify") }
    onEvents(events)
    return events
  }

  /// - Parameter file: a descriptor on it that counts for nothing.
  fileprivate func noteDenied(_ node: Node, at path: FilePath, but file: SimulatedFile? = nil) {
    if !open.values.contains(where: { $0.file?.node === node && $0.file !== file }) { node.deniedNames.insert(path) }
  }

  fileprivate func noteOpen(_ file: SimulatedFile) {
    openCount += 1
    lastNumber += 1
    file.number = lastNumber
    open[ObjectIdentifier(file)] = Weak(file: file)
    file.node.wasOpened = true
    if file.node.openedAt == nil { file.node.openedAt = tree.clock.now }
    file.node.agentOpenCount += 1
    tree.open(file.node)
  }

  fileprivate func noteClosed(_ file: ObjectIdentifier, _ node: Node) {
    openCount -= 1
    open[file] = nil
    node.agentOpenCount -= 1
    tree.close(node)
  }
}

/// A descriptor on the simulated disk.
final class SimulatedFile: ReadableFile, @unchecked Sendable {
  let node: Node
  /// By which it was opened.
  private let path: FilePath
  private let files: AgentFiles
  private var isOpen = true
  /// In the order of opening.
  fileprivate(set) var number = 0
  /// How large it was when that was asked last.
  private var statedSize = 0

  fileprivate init(_ node: Node, at path: FilePath, in files: AgentFiles) {
    self.node = node
    self.path = path
    self.files = files
    files.noteOpen(self)
  }

  deinit { close() }

  func drop() { close() }

  private func close() {
    guard isOpen else { return }
    isOpen = false
    files.noteClosed(ObjectIdentifier(self), node)
  }

  func status() throws(SystemError) -> FileStatus {
    try files.enter("fstat")
    statedSize = node.bytes.count
    return node.status(device: files.tree.device)
  }

  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(SystemError) -> Int {
    try files.enter("pread")
    if node.kind == .folder { throw SystemError("pread", code: EISDIR) }
    if node.failingReads > 0 {
      node.failingReads -= 1
      node.wasDenied = true
      files.noteDenied(node, at: path, but: self)
      throw SystemError("pread", code: EIO)
    }
    // What a look tells is of use where the bytes before are still those that were read.
    node.seenByteCount = max(node.seenByteCount, min(statedSize, node.bytes.count))
    let there = copy(into: bytes, at: Int(offset))
    guard there > 1, files.readsInPieces() else { return there }
    // As ``Descriptor`` goes on after a part; what is there by then may be something else.
    let first = there / 2
    try files.enter("pread of the rest")
    return first + copy(into: UnsafeMutableRawBufferPointer(rebasing: bytes[first...]), at: Int(offset) + first)
  }

  private func copy(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    node.wasRead = true
    guard offset < node.bytes.count else { return 0 }
    let part = node.bytes[offset..<min(node.bytes.count, offset + bytes.count)]
    bytes.copyBytes(from: part)
    node.readByteCount = max(node.readByteCount, offset + part.count)
    node.mostReadByteCount = max(node.mostReadByteCount, node.readByteCount)
    return part.count
  }
}
