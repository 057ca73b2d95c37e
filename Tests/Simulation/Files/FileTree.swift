import Coroutines
import Glibc
import SystemPackage

@testable import Weir

/// A file system in memory that behaves as Linux's do: inodes that are used again at once, names, links, open files
/// that outlive their names, and inotify's events of all that.
///
/// Owner: the scheduler's thread. The world changes it directly; an agent sees it through ``AgentFiles``.
final class FileTree: @unchecked Sendable {
  /// st_dev: another one after a reboot.
  var device: UInt64 = 1
  /// Time stamps are as coarse as the kernel's: a tick.
  static let tick = Duration.milliseconds(4)

  let clock: any TimeSource
  private(set) var root: Node
  /// Told of each node whose bytes are gone for good, and of bytes that were cut off.
  var onLoss: (_ node: Node, _ range: Range<Int>) -> Void = { _, _ in }
  private var freeInodes: [UInt64] = []
  private var lastInode: UInt64 = 1
  private var lastSerial = 0
  private var watchers: [Watcher] = []
  private var components: [String: FilePath.Component] = [:]

  private struct Watcher { weak var events: SimulatedEvents? }

  init(clock: any TimeSource) {
    self.clock = clock
    root = Node(inode: 1, kind: .folder, serial: 0)
    root.linkCount = 1
  }

  // MARK: Finding

  /// What a path leads to.
  ///
  /// - Parameters:
  ///   - followsLast: whether a symbolic link at its end is followed.
  ///   - isAgent: whether rights hold for who asks.
  func node(
    at path: FilePath, followsLast: Bool = true, isAgent: Bool = false, call: String, depth: Int = 0
  ) throws(SystemError) -> Node {
    try node(at: Self.names(of: path)[...], followsLast: followsLast, isAgent: isAgent, call: call, depth: depth)
  }

  /// Of what stands between slashes: `FilePath` looks into each path anew, which takes most of a simulation's time.
  private static func names(of path: FilePath) -> [String] { path.string.split(separator: "/").map(String.init) }

  private func node(
    at names: ArraySlice<String>, followsLast: Bool, isAgent: Bool, call: String, depth: Int
  ) throws(SystemError) -> Node {
    guard depth < 40 else { throw SystemError(call, code: ELOOP) }
    var node = root
    for (index, name) in names.enumerated() {
      guard node.kind == .folder else { throw SystemError(call, code: ENOTDIR) }
      if isAgent, !node.isSearchable { throw SystemError(call, code: EACCES) }
      guard let child = node.children[name] else { throw SystemError(call, code: ENOENT) }
      let isLast = index == names.count - 1
      if child.kind == .link, followsLast || !isLast {
        let folder = FilePath("/" + names[..<index].joined(separator: "/"))
        let rest = FilePath(names[(index + 1)...].joined(separator: "/"))
        let target = folder.pushing(child.target).pushing(rest).lexicallyNormalized()
        return try self.node(at: target, followsLast: followsLast, isAgent: isAgent, call: call, depth: depth + 1)
      }
      node = child
    }
    return node
  }

  /// Each name is looked into once.
  func component(_ name: String) -> FilePath.Component {
    if let known = components[name] { return known }
    let component = FilePath.Component(name)!
    components[name] = component
    return component
  }

  /// What readdir(3) gives.
  func names(in folder: Node) -> [FilePath.Component] {
    if let known = folder.knownNames { return known }
    let names = folder.children.keys.sorted().map(component)
    folder.knownNames = names
    return names
  }

  func exists(_ path: FilePath) -> Bool { (try? node(at: path, followsLast: false, call: "lstat")) != nil }

  private func folder(of path: FilePath, call: String) throws(SystemError) -> (Node, String) {
    let names = Self.names(of: path)
    guard let name = names.last else { throw SystemError(call, code: EINVAL) }
    let folder = try node(at: names.dropLast(), followsLast: true, isAgent: false, call: call, depth: 0)
    guard folder.kind == .folder else { throw SystemError(call, code: ENOTDIR) }
    return (folder, name)
  }

  // MARK: Changing

  /// - Parameter wanted: the inode number, if it is free; else the lowest that is.
  @discardableResult
  func make(_ kind: FileStatus.Kind, at path: FilePath, inode wanted: UInt64? = nil) throws(SystemError) -> Node {
    let (folder, name) = try folder(of: path, call: "open")
    guard folder.children[name] == nil else { throw SystemError("open", code: EEXIST) }
    freeInodes.sort(by: >)
    let inode: UInt64
    if let wanted, let index = freeInodes.firstIndex(of: wanted) {
      inode = freeInodes.remove(at: index)
    } else if let free = freeInodes.popLast() {
      inode = free
    } else {
      lastInode += 1
      inode = lastInode
    }
    lastSerial += 1
    let node = Node(inode: inode, kind: kind, serial: lastSerial)
    node.modifiedAt = now
    if kind == .fifo { node.pipe = Self.makePipe() }
    put(node, in: folder, as: name)
    tell(folder, IN_CREATE, name, of: node)
    return node
  }

  func link(_ node: Node, at path: FilePath) throws(SystemError) {
    let (folder, name) = try folder(of: path, call: "link")
    guard folder.children[name] == nil else { throw SystemError("link", code: EEXIST) }
    put(node, in: folder, as: name)
    tell(folder, IN_CREATE, name, of: node)
    tell(node, IN_ATTRIB)
  }

  func makeLink(to target: FilePath, at path: FilePath) throws(SystemError) {
    try make(.link, at: path).target = target
  }

  func append(_ bytes: some Sequence<UInt8>, to node: Node) { write(bytes, to: node, at: node.bytes.count) }

  /// Bytes between the end and `offset` are NULs, as after a truncation under a writer that goes on.
  func write(_ bytes: some Sequence<UInt8>, to node: Node, at offset: Int) {
    if offset > node.bytes.count {
      node.bytes += [UInt8](repeating: 0, count: offset - node.bytes.count)
    }
    let bytes = Array(bytes)
    let overwritten = offset..<min(node.bytes.count, offset + bytes.count)
    if !overwritten.isEmpty { onLoss(node, overwritten) }
    node.bytes.replaceSubrange(overwritten, with: bytes)
    node.modifiedAt = now
    tell(node, IN_MODIFY)
  }

  func truncate(_ node: Node, to size: Int) {
    if size < node.bytes.count {
      onLoss(node, size..<node.bytes.count)
      node.bytes.removeSubrange(size...)
    } else {
      node.bytes += [UInt8](repeating: 0, count: size - node.bytes.count)
    }
    node.modifiedAt = now
    tell(node, IN_MODIFY)
  }

  func remove(_ path: FilePath) throws(SystemError) {
    let (folder, name) = try folder(of: path, call: "unlink")
    guard let node = folder.children[name] else { throw SystemError("unlink", code: ENOENT) }
    guard node.children.isEmpty else { throw SystemError("rmdir", code: ENOTEMPTY) }
    folder.children[name] = nil
    tell(folder, IN_DELETE, name, of: node)
    unlink(node)
  }

  func move(_ path: FilePath, to destination: FilePath) throws(SystemError) {
    let (folder, name) = try folder(of: path, call: "rename")
    let (target, newName) = try self.folder(of: destination, call: "rename")
    guard let node = folder.children[name] else { throw SystemError("rename", code: ENOENT) }
    let overwritten = target.children[newName]
    if overwritten === node { return }
    if let overwritten, !overwritten.children.isEmpty { throw SystemError("rename", code: ENOTEMPTY) }
    folder.children[name] = nil
    target.children[newName] = node
    tell(folder, IN_MOVED_FROM, name, of: node)
    tell(target, IN_MOVED_TO, newName, of: node)
    tell(node, IN_MOVE_SELF)
    if let overwritten { unlink(overwritten) }
  }

  /// chmod(2), as far as it concerns the agent.
  func setRights(_ path: FilePath, isReadable: Bool, isSearchable: Bool) throws(SystemError) {
    let node = try node(at: path, call: "chmod")
    node.isReadable = isReadable
    node.isSearchable = isSearchable
    try tellOfAttributes(node, at: path)
  }

  /// utimensat(2).
  func setTime(_ path: FilePath, _ time: Duration) throws(SystemError) {
    let node = try node(at: path, call: "utimensat")
    node.modifiedAt = time
    try tellOfAttributes(node, at: path)
  }

  private func tellOfAttributes(_ node: Node, at path: FilePath) throws(SystemError) {
    tell(node, IN_ATTRIB)
    let (folder, name) = try folder(of: path, call: "stat")
    tell(folder, IN_ATTRIB, name, of: node)
  }

  // MARK: Lives of nodes

  func open(_ node: Node) { node.openCount += 1 }

  func close(_ node: Node) {
    node.openCount -= 1
    freeIfGone(node)
  }

  private func put(_ node: Node, in folder: Node, as name: String) {
    folder.children[name] = node
    node.linkCount += 1
  }

  private func unlink(_ node: Node) {
    node.linkCount -= 1
    tell(node, IN_ATTRIB)
    freeIfGone(node)
  }

  private func freeIfGone(_ node: Node) {
    guard node.linkCount == 0, node.openCount == 0, node !== root else { return }
    if !node.bytes.isEmpty { onLoss(node, 0..<node.bytes.count) }
    tell(node, IN_DELETE_SELF)
    tell(node, IN_IGNORED)
    if let pipe = node.pipe {
      Glibc.close(pipe.reading)
      Glibc.close(pipe.writing)
      return  // its number is not free: who has it open is not known
    }
    freeInodes.append(node.inode)
  }

  private static func makePipe() -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    precondition(Glibc.pipe(&ends) == 0, "no descriptors left for a pipe")
    for end in ends { precondition(fcntl(end, F_SETFL, O_NONBLOCK) == 0 && fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
    return (ends[0], ends[1])
  }

  private var now: Duration {
    let ticks = clock.wall.nanoseconds / Self.tick.nanoseconds
    return .nanoseconds(ticks * Self.tick.nanoseconds)
  }

  // MARK: Events

  func makeEvents() -> SimulatedEvents {
    let events = SimulatedEvents(on: self)
    watchers.removeAll { $0.events == nil }
    watchers.append(Watcher(events: events))
    return events
  }

  private func tell(_ folder: Node, _ mask: Int32, _ name: String, of node: Node) {
    let mask = mask | (node.kind == .folder ? Int32(IN_ISDIR) : 0)
    for watcher in watchers { watcher.events?.note(folder, mask, name) }
  }

  private func tell(_ node: Node, _ mask: Int32) {
    for watcher in watchers { watcher.events?.note(node, mask, nil) }
  }
}
