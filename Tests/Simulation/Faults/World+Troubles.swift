import Coroutines
import SimulatedDisk
import SystemPackage

@testable import Weir

/// What goes wrong for a while in a world.
extension World {
  /// Where a file is while something else has its name: outside of what is followed.
  static let aside: FilePath = "/aside"

  func makeTroubles() throws -> [Trouble] {
    if setting.has(.places) { try tree.make(.folder, at: Self.aside) }
    return setting.faults.compactMap { fault in
      guard let begin = beginning(of: fault) else { return nil }
      return Trouble(
        fault.rawValue, pause: { [self] in random.milliseconds(setting.rotatePause) },
        span: { [self] in random.milliseconds(random.pick([1...50, 1...2000, 1...20_000])) }, begin: begin)
    }
  }

  private func beginning(of fault: Fault) -> (() throws -> Trouble.End?)? {
    switch fault {
    case .reads: failReads
    case .rights: denyRights
    case .database: spoilDatabase
    case .clock: setClock
    case .places: takePlace
    case .descriptors, .network, .watches, .pieces, .config: nil
    }
  }

  /// Whether the agent cannot look into the folder of the logs.
  var isFolderClosed: Bool {
    guard let folder = try? tree.node(at: "/logs", call: "stat") else { return true }
    return !folder.isReadable || !folder.isSearchable
  }

  /// Whether the agent may not have looked for copies since it can: without watches it looks once a second.
  var mayMissCopies: Bool { isFolderClosed || folderOpenedAt.map { clock.now - $0 < .seconds(2) } == true }

  /// A file in the folder of the logs.
  private func anyFile() throws -> (path: FilePath, node: Node)? {
    let folder = try tree.node(at: "/logs", call: "opendir")
    let names = folder.children.keys.sorted().filter { folder.children[$0]?.kind == .regular }
    guard !names.isEmpty else { return nil }
    let name = random.pick(names)
    return (FilePath("/logs/\(name)"), folder.children[name]!)
  }

  private func failReads() throws -> Trouble.End? {
    guard let (path, node) = try anyFile() else { return nil }
    node.failingReads = random.number(1...6)
    trace.note("\(node.failingReads) reads of \(path), file \(node.serial), fail")
    return { [self] in
      node.failingReads = 0
      trace.note("file \(node.serial) can be read")
    }
  }

  private func denyRights() throws -> Trouble.End? {
    if random.once(in: 3) {
      let isReadable = random.once(in: 3)
      let isSearchable = !isReadable && random.once(in: 2)
      trace.note("/logs is \(isReadable ? "" : "not ")readable, \(isSearchable ? "" : "not ")searchable")
      try tree.setRights("/logs", isReadable: isReadable, isSearchable: isSearchable)
      if !isReadable || !isSearchable { oracle.noteFolderClosed() }
      return { [self] in
        try tree.setRights("/logs", isReadable: true, isSearchable: true)
        folderOpenedAt = clock.now
        trace.note("/logs is readable")
      }
    }
    guard let (path, node) = try anyFile() else { return nil }
    trace.note("\(path), file \(node.serial), is not readable")
    try tree.setRights(path, isReadable: false, isSearchable: true)
    return { [self] in
      trace.note("file \(node.serial) is readable")
      let folder = try tree.node(at: "/logs", call: "opendir")
      if let name = folder.children.first(where: { $0.value === node })?.key {
        try tree.setRights(FilePath("/logs/\(name)"), isReadable: true, isSearchable: true)
      } else {
        node.isReadable = true
      }
    }
  }

  private func spoilDatabase() -> Trouble.End? {
    databases.beginTrouble(random.pick([.full, .busy]), at: clock.now)
    trace.note("the disk of the databases: \(databases.trouble!)")
    return { [self] in
      databases.endTrouble(at: clock.now)
      trace.note("the disk of the databases is well")
    }
  }

  /// Back to the true time in the end, or not: who knows which one is true.
  private func setClock() -> Trouble.End? {
    let hours = random.pick([0, 1, 24, 24 * 40])
    let step = Duration.seconds(hours * 3600 + random.number(1...100)) * (random.once(in: 2) ? 1 : -1)
    clock.setWall(clock.wall + step)
    trace.note("the clock is set by \(step)")
    return { [self] in
      guard random.once(in: 2) else { return }
      clock.setWall(clock.wall - step)
      trace.note("the clock is set back by \(step)")
    }
  }

  private func takePlace() throws -> Trouble.End? {
    let path = random.pick(streams).path
    guard let node = try? tree.node(at: path, call: "stat"), node.kind == .regular else { return nil }
    let place = Self.aside.appending(path.lastComponent!)
    try tree.move(path, to: place)
    let other = try tree.make(random.pick([.folder, .fifo]), at: path)
    trace.note("\(path), file \(node.serial), gives way to a \(other.kind)")
    return { [self] in
      try tree.remove(path)
      try tree.move(place, to: path)
      oracle.noteReturn(of: node)
      trace.note("file \(node.serial) is \(path) again")
    }
  }
}
