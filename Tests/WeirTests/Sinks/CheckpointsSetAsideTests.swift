import SystemPackage
import Testing

@testable import Weir

/// What a sink keeps of a file whose inode is another file's by now.
@Suite struct CheckpointsSetAsideTests {
  private let identity = FileIdentity(device: 1, inode: 5)

  private func checkpoint(
    _ path: String, offset: UInt64 = 100, head: UInt64 = 1, headBytes: Int = 100, isDone: Bool = false
  ) -> Checkpoint {
    Checkpoint(
      path: .init(path), identity: identity, head: Fingerprint(byteCount: headBytes, hash: head), offset: offset,
      marker: offset == 0 ? .none : Fingerprint(byteCount: 64, hash: head &+ offset), isDone: isDone)
  }

  /// An empty batch at the place of a checkpoint.
  private func batch(at checkpoint: Checkpoint, ending: Batch.Ending? = nil) -> Batch {
    Batch(
      origin: Origin(path: checkpoint.path, identity: checkpoint.identity), start: checkpoint.offset,
      end: checkpoint.offset, block: Block(copying: []), range: 0..<0, head: checkpoint.head,
      marker: checkpoint.marker, readAtMilliseconds: 0, ending: ending)
  }

  private func kept(of batch: Batch, knowing known: Checkpoint...) -> [Checkpoint] {
    batch.kept { identity in known.first { $0.identity == identity } }
  }

  @Test func whatIsOfAnotherFileIsSetAside() {
    let (known, other) = (checkpoint("/a.log"), checkpoint("/b.log", offset: 0, head: 2))
    #expect(kept(of: batch(at: other), knowing: known) == [known.setAside, other])
    #expect(known.setAside.isSetAside && known.setAside.identity != identity)
    #expect(known.setAside.setAside == known.setAside)
    #expect(known.setAside.identity == checkpoint("/a.log", offset: 50).setAside.identity, "all sinks have one")
    #expect(known.setAside.identity != checkpoint("/c.log").setAside.identity)
  }

  @Test(arguments: ["/a.log", "/a.log.1"]) func theSameFileIsNotSetAside(name: String) {
    let (known, next) = (checkpoint("/a.log", headBytes: 50), checkpoint(name))
    #expect(kept(of: batch(at: next), knowing: known) == [next])
    let (unread, again) = (checkpoint("/a.log", offset: 0), checkpoint(name, offset: 0))
    #expect(kept(of: batch(at: again), knowing: unread) == [again])
  }

  @Test func aNewContentOfTheSameNameIsNotSetAside() {
    let (known, next) = (checkpoint("/a.log"), checkpoint("/a.log", offset: 0, head: 2))
    #expect(kept(of: batch(at: next), knowing: known) == [next])
  }

  @Test func whatIsDoneWithIsSetAsideTooAndWhatWasEmptyIsNot() {
    let next = checkpoint("/b.log", offset: 0, head: 2)
    let done = checkpoint("/a.log", isDone: true)
    #expect(kept(of: batch(at: next), knowing: done) == [done.setAside, next])
    #expect(kept(of: batch(at: next), knowing: checkpoint("/a.log", offset: 0, headBytes: 0)) == [next])
  }

  @Test func whatBeginsOtherwiseIsSetAsideThoughNothingWasRead() {
    let (known, next) = (checkpoint("/a.log", offset: 0), checkpoint("/b.log", offset: 0, head: 2))
    #expect(kept(of: batch(at: next), knowing: known) == [known.setAside, next])
  }

  @Test func whatIsSetAsideIsDoneWithOnceItsCopyIsRead() {
    let (known, other) = (checkpoint("/a.log"), checkpoint("/b.log", head: 2))
    let end = checkpoint("/a.log", offset: 200, isDone: true)
    let ending = batch(at: end, ending: .copied([known]))
    #expect(kept(of: ending, knowing: other, known.setAside) == [end.setAside])
    #expect(kept(of: ending, knowing: known) == [end])
    #expect(kept(of: ending, knowing: other) == [])
    #expect(kept(of: ending, knowing: other, checkpoint("/a.log", offset: 150).setAside) == [])
  }

  @Test func whatIsSetAsideIsDoneWithWhereItIsLost() {
    let (known, other) = (checkpoint("/a.log"), checkpoint("/b.log", head: 2))
    var lost = known
    lost.isDone = true
    let ending = batch(at: known, ending: .lost)
    #expect(kept(of: ending, knowing: other, known.setAside) == [lost.setAside])
    #expect(kept(of: ending, knowing: known) == [lost])
    #expect(kept(of: ending, knowing: other) == [])
  }
}
