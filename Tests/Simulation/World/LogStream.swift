import Coroutines
import SystemPackage

@testable import Weir

/// A log that is written to and rotated: one writer, who keeps its file open, and one rotation.
final class LogStream: @unchecked Sendable {
  let path: FilePath
  let world: World
  let rotation: Rotation
  /// What the writer has open; nil: it opens the path with its next line.
  var node: Node?
  /// How long fillers are.
  private let fillerBytes: Int
  private let hasBanner: Bool
  private let endsLinesInPieces: Bool
  private var isWithinLine = false
  /// Rotated files that have a date in their names, the oldest first.
  var dated: [FilePath] = []

  init(_ path: FilePath, in world: World, rotation: Rotation) {
    self.path = path
    self.world = world
    self.rotation = rotation
    fillerBytes = world.random.pick([0, 10, 100, 400])
    hasBanner = world.random.once(in: 4)
    endsLinesInPieces = world.random.once(in: 2)
  }

  var folder: FilePath { path.removingLastComponent() }

  /// Whether something else has its name.
  var isOccupied: Bool {
    guard let there = try? world.tree.node(at: path, call: "stat") else { return false }
    return there.kind != .regular
  }

  /// Makes the file, as logrotate's `create` or the writer does.
  func create() throws {
    guard !world.tree.exists(path) else { return }
    let made = try world.tree.make(.regular, at: path)
    world.oracle.noteFile(made, at: path)
    world.trace.note("create \(path) as file \(made.serial) inode \(made.inode)")
  }

  /// The writer opens its file again, as after SIGHUP.
  func reopen() {
    node.map(world.tree.close)
    node = nil
  }

  /// Plans a few lines: each whole, or in pieces that come one after the other.
  func planLines(_ actor: Actor) {
    for _ in 0..<world.random.number(1...(world.random.once(in: 8) ? 40 : 4)) {
      let isWhole = !endsLinesInPieces || world.random.once(in: 2)
      actor.add { try self.begin(inPieces: isWhole ? 1 : self.world.random.number(2...3), actor) }
    }
  }

  /// A whole line at once, unless the writer is in the middle of one.
  func writeLine() throws {
    if isWithinLine { return }
    guard let node = try openedNode() else { return }
    let text = world.makeText(filler: fillerBytes)
    write(text, to: node, terminator: "\n")
  }

  private func write(_ text: String, to node: Node, terminator: String) {
    let start = node.bytes.count
    world.tree.append((text + terminator).utf8, to: node)
    world.trace.note("write \(text.prefix(12)) to file \(node.serial) at \(start)")
    world.oracle.note(text, path: path, in: node, at: start..<node.bytes.count, isKept: World.isKept(text))
  }

  private func begin(inPieces count: Int, _ actor: Actor) throws {
    guard let node = try openedNode() else { return }
    let text = world.makeText(filler: fillerBytes)
    let terminator = world.random.once(in: 20) ? "\r\n" : "\n"
    guard count > 1 else { return write(text, to: node, terminator: terminator) }
    let bytes = Array((text + terminator).utf8)
    let start = node.bytes.count
    var pieces: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    for _ in 1..<count where rest.count > 1 {
      let cut = rest.startIndex + world.random.number(1...rest.count - 1)
      pieces.append(rest[..<cut])
      rest = rest[cut...]
    }
    pieces.append(rest)
    isWithinLine = true
    world.oracle.notePieces(of: text)
    world.tree.open(node)
    write(pieces[...], of: text, bytes, to: node, at: start, actor)
  }

  /// A line in pieces counts as written when all of it stands in one file, one piece behind the other.
  private func write(
    _ pieces: ArraySlice<ArraySlice<UInt8>>, of text: String, _ bytes: [UInt8], to node: Node, at start: Int,
    _ actor: Actor
  ) {
    guard let piece = pieces.first else {
      isWithinLine = false
      defer { world.tree.close(node) }
      if node.bytes.dropFirst(start).starts(with: bytes) {
        // Of a file that was compressed meanwhile the copy has a part of the line.
        if node.linkCount == 0 { world.oracle.noteTorn(text) }
        world.trace.note("wrote \(text.prefix(12)) in pieces to file \(node.serial) at \(start)")
        world.oracle.note(
          text, path: path, in: node, at: start..<start + bytes.count, isKept: World.isKept(text))
      } else {
        world.trace.note("\(text.prefix(12)) was torn apart")
        world.oracle.noteTorn(text)
      }
      return
    }
    world.tree.append(piece, to: node)
    world.trace.note("write \(piece.count) bytes to file \(node.serial)")
    if pieces.count == 1 {
      write([], of: text, bytes, to: node, at: start, actor)
    } else {
      actor.addFirst { self.write(pieces.dropFirst(), of: text, bytes, to: node, at: start, actor) }
    }
  }

  /// nil: it cannot write.
  private func openedNode() throws -> Node? {
    if let node { return node }
    if isOccupied { return nil }
    try create()
    let opened = try world.tree.node(at: path, call: "open")
    world.tree.open(opened)
    node = opened
    if hasBanner, opened.bytes.isEmpty { writeBanner(to: opened) }
    return opened
  }

  /// The same kilobyte at the start of each file; no filter selects it.
  private func writeBanner(to node: Node) {
    for number in 0..<20 {
      let text = "banner \(number) of every file of this program, the same each time: -------"
      world.tree.append((text + "\n").utf8, to: node)
    }
    node.bannerByteCount = node.bytes.count
  }
}
