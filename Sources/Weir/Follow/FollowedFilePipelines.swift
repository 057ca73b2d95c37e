import Coroutines
import Logging

/// Pipelines that begin and cease to read a file while others read on. What is changed stands between the readings
/// before it and those behind it, so that each pipeline gets whole batches up to a place, or from there on.
extension FollowedFile {
  /// Whether one of these pipelines reads it.
  func isRead(byAnyOf pipelines: Set<Int>) -> Bool { starts.contains { pipelines.contains($0.pipeline) } }

  /// How long its lines may be, in bytes.
  var maxLineBytes: Int { reader.maxLineBytes }

  /// A pipeline reads on from `start`, unless reading is beyond that or cuts lines elsewhere.
  ///
  /// - Returns: whether it does.
  func attach(_ start: FileStart, maxLineBytes: Int) -> Bool {
    let place = reader.cutPlace.offset
    guard source != nil, !isEnding, isCopy == false, self.maxLineBytes == maxLineBytes, copy == nil,
      start.offsets.allSatisfy({ $0 >= place }),
      start.isAtLineStart || start.offsets.allSatisfy({ $0 == place })
    else { return false }
    // The offsets are the same file's, but of this reading of it.
    let start = FileStart(pipeline: start.pipeline, sinks: start.sinks.map { $0?.moved(to: reader.origin) })
    starts.append(start)
    pending.append(.change(.joined(start)))
    bell.ring()
    return true
  }

  /// A pipeline reads what comes from now on: of a stream, which cannot be read again.
  func attachHere(_ pipeline: Int, sinkCount: Int) -> Bool {
    guard source != nil else { return false }
    let start = FileStart(
      pipeline: pipeline, sinks: Array(repeating: reader.start(scheduler.clock), count: sinkCount))
    starts.append(start)
    pending.append(.change(.joined(start)))
    bell.ring()
    return true
  }

  /// These pipelines read it no more.
  ///
  /// - Returns: whether nobody does.
  func remove(_ pipelines: Set<Int>) -> Bool {
    let left = Set(starts.map(\.pipeline)).intersection(pipelines)
    guard !left.isEmpty else { return starts.isEmpty }
    starts.removeAll { left.contains($0.pipeline) }
    pending.append(.change(.left(left)))
    bell.ring()
    return starts.isEmpty
  }

  /// A pipeline goes on as another one.
  ///
  /// - Returns: whether it read this file.
  func replace(_ old: Int, by pipeline: FollowedPipeline) -> Bool {
    guard let place = starts.firstIndex(where: { $0.pipeline == old }) else { return false }
    let start = FileStart(
      pipeline: pipeline.number, sinks: (0..<pipeline.sinkCount).map { self.start(of: $0, in: pipeline) })
    starts[place] = start
    pending.append(.change(.replaced(old, start)))
    bell.ring()
    return true
  }

  /// Where a sink goes on: here, or further on where it has taken more, as reading began behind that for others.
  private func start(of sink: Int, in pipeline: FollowedPipeline) -> Batch {
    let here = placeForSinks
    guard copy == nil, case .file(let file) = source, let identity else { return here }
    do throws(SystemError) {
      let size = try file.status().size
      for checkpoint in pipeline.knownFiles.checkpoints(withInodes: [identity.inode])[sink]
      where checkpoint.identity == identity && checkpoint.offset > here.end {
        guard try checkpoint.fits(file, size: size) else { continue }
        return .start(
          in: reader.origin, at: checkpoint.offset, head: checkpoint.head, marker: checkpoint.marker, scheduler.clock)
      }
    } catch {
      surroundings.log.warning("cannot see whether a sink has taken more of \(path) than was read: \(error)")
    }
    return here
  }
}

/// A change of who reads a file.
enum ReaderChange: Sendable {
  /// A pipeline reads from here on, what it has not taken.
  case joined(FileStart)
  /// Pipelines read no more.
  case left(Set<Int>)
  /// A pipeline goes on under another number.
  case replaced(Int, FileStart)
}

extension Batch {
  /// An empty batch at the same offset, of another reading of the file.
  func moved(to origin: Origin) -> Batch {
    Batch(
      origin: origin, start: end, end: end, block: .empty, range: 0..<0, head: head, marker: marker,
      readAtMilliseconds: readAtMilliseconds)
  }
}
