import CLinux
import Coroutines
import DequeModule
import Glibc
import SystemPackage

@testable import Weir

/// inotify(7) on the simulated disk, with what the manual warns of: a queue that overflows, events that are told once
/// where several are alike, and that come late.
final class SimulatedEvents: FileEvents {
  /// IN_IGNORED, IN_Q_OVERFLOW and IN_UNMOUNT come unasked.
  private static let unasked = UInt32(IN_IGNORED | IN_Q_OVERFLOW | IN_UNMOUNT)

  private let tree: FileTree
  private var queue = Deque<FileEvent>()
  private var nodes: [Int32: Node] = [:]
  private var watches: [ObjectIdentifier: (number: Int32, mask: UInt32)] = [:]
  private var lastNumber: Int32 = 0
  private var bell: Bell?
  /// fs.inotify.max_queued_events.
  var queueLimit = 16_384
  /// fs.inotify.max_user_watches.
  var watchLimit = Int.max
  /// Called for each event: whether it gets lost, as on network file systems.
  var loses: () -> Bool = { false }
  /// Called before each call of the agent, and with each event how long it is on its way.
  var delay: () -> Duration = { .zero }
  var beforeCall: () throws(SystemError) -> Void = {}

  init(on tree: FileTree) { self.tree = tree }

  func watch(_ path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
    try beforeCall()
    let node = try tree.node(at: path, isAgent: true, call: "inotify_add_watch")
    if flags & Int32(IN_ONLYDIR) != 0, node.kind != .folder { throw SystemError("inotify_add_watch", code: ENOTDIR) }
    guard node.isReadable else { throw SystemError("inotify_add_watch", code: EACCES) }
    return try add(node, flags)
  }

  func watch(_ file: any ReadableFile, at path: FilePath, for flags: Int32) throws(SystemError) -> Int32 {
    try beforeCall()
    guard let file = file.base as? SimulatedFile else { throw SystemError("inotify_add_watch", code: EBADF) }
    return try add(file.node, flags)
  }

  private func add(_ node: Node, _ flags: Int32) throws(SystemError) -> Int32 {
    let mask = UInt32(bitPattern: flags)
    if let known = watches[ObjectIdentifier(node)] {
      let isAddition = flags & Int32(IN_MASK_ADD) != 0
      watches[ObjectIdentifier(node)]!.mask = isAddition ? known.mask | mask : mask
      return known.number
    }
    guard watches.count < watchLimit else { throw SystemError("inotify_add_watch", code: ENOSPC) }
    lastNumber += 1
    watches[ObjectIdentifier(node)] = (lastNumber, mask)
    nodes[lastNumber] = node
    return lastNumber
  }

  func unwatch(_ watch: Int32) {
    guard let node = nodes.removeValue(forKey: watch) else { return }
    watches[ObjectIdentifier(node)] = nil
    enqueue(FileEvent(watch: watch, mask: UInt32(IN_IGNORED), name: nil))
  }

  func events() throws(SystemError) -> [FileEvent] {
    try beforeCall()
    defer { queue.removeAll() }
    return Array(queue)
  }

  func wait(on scheduler: Scheduler) async throws {
    if bell == nil { bell = Bell(on: scheduler) }
    while queue.isEmpty { try await bell?.wait() }
    let delay = delay()
    if delay > .zero { try await scheduler.sleep(for: delay) }
  }

  /// Something happened to `node`, or to what `name` is in it.
  func note(_ node: Node, _ mask: Int32, _ name: String?) {
    guard let watch = watches[ObjectIdentifier(node)] else { return }
    let bits = UInt32(bitPattern: mask)
    guard bits & ~UInt32(IN_ISDIR) & (watch.mask | Self.unasked) != 0 else { return }
    if mask & Int32(IN_IGNORED) != 0 {
      watches[ObjectIdentifier(node)] = nil
      nodes[watch.number] = nil
    }
    enqueue(FileEvent(watch: watch.number, mask: bits, name: name.map(tree.component)))
  }

  private func enqueue(_ event: FileEvent) {
    if queue.last == event || loses() { return }
    if queue.count == queueLimit {
      queue.append(FileEvent(watch: -1, mask: UInt32(IN_Q_OVERFLOW), name: nil))
    } else if queue.count < queueLimit {
      queue.append(event)
    }
    bell?.ring()
  }
}
