import Coroutines
import Glibc
import SystemPackage

@testable import Weir

/// How a log is rotated, with logrotate's words.
struct Rotation {
  enum Kind: String, CaseIterable {
    /// Renamed, made anew at once.
    case create
    /// Renamed; the writer makes it with its next line.
    case nocreate
    case copytruncate
    /// Deleted, made anew.
    case delete
    /// Truncated in place: `> log`.
    case truncate
    /// Written anew in one go: `program > log`.
    case rewrite
  }

  var kind: Kind
  /// Numbers, or else dates.
  var isNumbered: Bool
  /// How many are kept.
  var keptCount: Int
  var compresses: Bool
  var delaysCompression: Bool
  /// How long the writer goes on with the file that it has open.
  var reopensAfter: ClosedRange<Int>

  static func draw(_ random: inout Random, allowing kinds: [Kind]) -> Rotation {
    Rotation(
      kind: random.pick(kinds), isNumbered: !random.once(in: 4), keptCount: random.number(2...5),
      compresses: random.once(in: 3), delaysCompression: random.once(in: 2),
      reopensAfter: random.pick([0...0, 1...300, 1...4000]))
  }
}

extension LogStream {
  /// Plans one rotation.
  func planRotation(_ actor: Actor) {
    world.trace.note("rotation of \(path): \(rotation.kind.rawValue)")
    switch rotation.kind {
    case .create, .nocreate: planRename(actor)
    case .copytruncate: planCopy(actor)
    case .delete:
      actor.add { if try self.current != nil { try self.world.tree.remove(self.path) } }
      actor.add { self.reopen() }
    case .truncate:
      actor.add { try self.current.map { self.world.tree.truncate($0, to: 0) } }
    case .rewrite:
      actor.add {
        guard let node = try self.current else { return }
        self.world.tree.truncate(node, to: 0)
      }
      for _ in 0..<world.random.number(1...10) { actor.add { try self.writeLine() } }
    }
  }

  private var current: Node? {
    get throws {
      guard world.tree.exists(path), !isOccupied else { return nil }
      return try world.tree.node(at: path, call: "open")
    }
  }

  private func planRename(_ actor: Actor) {
    let first = planShift(actor)
    actor.add {
      guard let original = try self.current else { return }
      try self.world.tree.move(self.path, to: first)
      // A life that seeks it now cannot see it there.
      if self.world.isFolderClosed { original.deniedNames.insert(first) }
      self.world.trace.note("moved \(self.path) to \(first)")
    }
    if rotation.kind == .create { actor.add { try self.create() } }
    let reopening = world.random.milliseconds(rotation.reopensAfter)
    if reopening == .zero {
      actor.add { self.reopen() }
    } else {
      actor.add { self.world.later(reopening) { self.reopen() } }
    }
    planCompression(actor, of: first)
  }

  private func planCopy(_ actor: Actor) {
    let first = planShift(actor)
    actor.add {
      guard let original = try self.current else { return }
      let copy = try self.world.tree.make(.regular, at: first)
      let half = self.world.random.number(0...original.bytes.count)
      // Before that they are two files.
      let wasOpened = original.wasOpened
      self.world.tree.append(original.bytes[..<half], to: copy)
      self.world.trace.note("copy \(self.path) to \(first), file \(copy.serial): \(half) bytes")
      actor.addFirst {
        // A copy is known by what was read of the original.
        let isKnowable =
          original.readByteCount > Fingerprint.markerByteLimit && (original.wasOpened || original.isFindable)
          && !self.world.setting.cutsPower
          && !self.world.setting.isSlowDisk && self.world.databases.span(before: self.world.clock.now) == nil
        if !wasOpened || min(original.readByteCount, copy.bytes.count) <= Fingerprint.markerByteLimit {
          self.world.oracle.allowRepeats(of: original)
        }
        self.world.oracle.noteTruncation(of: original, copiedTo: copy)
        self.world.tree.truncate(original, to: 0)
        if !isKnowable { self.world.oracle.excuseCopies(of: original) }
        self.world.trace.note("truncate \(self.path)")
      }
      actor.addFirst {
        self.world.tree.append(original.bytes.dropFirst(half), to: copy)
        self.world.oracle.noteCopy(of: original, copy, byteCount: copy.bytes.count)
        self.world.trace.note("copied \(self.path): \(copy.bytes.count) bytes")
      }
    }
    planCompression(actor, of: first)
  }

  /// Makes room for the newest.
  ///
  /// - Returns: the name of the newest.
  private func planShift(_ actor: Actor) -> FilePath {
    guard rotation.isNumbered else {
      let newest = folder.appending("\(path.lastComponent!.string)-\(1_800_000_000 + world.nextNumber())")
      dated.append(newest)
      guard dated.count > rotation.keptCount else { return newest }
      let oldest = dated.removeFirst()
      for suffix in ["", ".gz"] {
        let last = FilePath(oldest.string + suffix)
        actor.add { if self.world.tree.exists(last) { try self.world.tree.remove(last) } }
      }
      return newest
    }
    for suffix in ["", ".gz"] {
      let last = name(rotation.keptCount, suffix)
      actor.add {
        guard self.world.tree.exists(last) else { return }
        try self.world.tree.remove(last)
        self.world.trace.note("removed \(last)")
      }
      for number in stride(from: rotation.keptCount - 1, to: 0, by: -1) {
        let (from, to) = (name(number, suffix), name(number + 1, suffix))
        actor.add { if self.world.tree.exists(from) { try self.world.tree.move(from, to: to) } }
      }
    }
    return name(1, "")
  }

  private func name(_ number: Int, _ suffix: String) -> FilePath {
    folder.appending("\(path.lastComponent!.string).\(number)\(suffix)")
  }

  private func planCompression(_ actor: Actor, of newest: FilePath) {
    guard rotation.compresses else { return }
    var rotated = newest
    if rotation.delaysCompression {
      guard rotation.isNumbered else { return }
      rotated = name(2, "")
    }
    actor.add { try self.compress(rotated, actor) }
  }

  /// As gzip(1): writes beside it, takes over the time that it had when it was opened, removes the original.
  private func compress(_ rotated: FilePath, _ actor: Actor) throws {
    let compressed = FilePath(rotated.string + ".gz")
    guard world.tree.exists(rotated), !world.tree.exists(compressed) else { return }
    let original = try world.tree.node(at: rotated, call: "open")
    let copy = try world.tree.make(.regular, at: compressed)
    copy.isCompressed = true
    let (content, modifiedAt) = (original.bytes, original.modifiedAt)
    let bytes = Gzip.compress(content)
    let half = world.random.number(0...bytes.count)
    world.tree.append(bytes[..<half], to: copy)
    world.trace.note("compress \(rotated) into file \(copy.serial)")
    actor.addFirst {
      self.world.tree.append(bytes[half...], to: copy)
      copy.modifiedAt = modifiedAt
      self.world.oracle.noteCopy(of: original, copy, byteCount: content.count)
      self.world.oracle.noteCompression(of: original, to: copy, byteCount: content.count)
      if self.world.tree.exists(rotated) { try self.world.tree.remove(rotated) }
      self.world.trace.note("compressed \(rotated)")
    }
  }
}
