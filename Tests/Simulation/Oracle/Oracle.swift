import SystemPackage

@testable import Weir

/// Knows each line that was ever written and where its bytes are; judges what was stored.
final class Oracle {
  private(set) var lines: [WrittenLine] = []
  /// Lines by the file that has their bytes.
  private var linesOfFile: [Int: [Int]] = [:]
  /// Lines whose pieces came into different files: what is delivered of them is not judged.
  private(set) var torn: [String] = []
  private let trace: Trace

  init(trace: Trace) { self.trace = trace }

  func note(_ text: String, path: FilePath, in node: Node, at range: Range<Int>, isKept: Bool) {
    let line = WrittenLine(
      number: lines.count, text: text, path: path, offset: range.lowerBound, end: range.upperBound, file: node.serial,
      generation: node.generation,
      isKept: isKept, homes: [node.serial])
    linesOfFile[node.serial, default: []].append(line.number)
    lines.append(line)
  }

  func noteTorn(_ text: String) { torn.append(text) }

  /// `copy` has the first bytes of `original` now.
  func noteCopy(of original: Node, _ copy: Node, byteCount: Int) {
    for number in linesOfFile[original.serial] ?? [] where lines[number].homes.contains(original.serial) {
      guard lines[number].end <= byteCount else { continue }
      lines[number].homes.insert(copy.serial)
      linesOfFile[copy.serial, default: []].append(number)
    }
  }

  /// Bytes of a file are gone.
  func noteLoss(of node: Node, _ range: Range<Int>) {
    var left: [Int] = []
    for number in linesOfFile[node.serial] ?? [] {
      let isHit = lines[number].offset < range.upperBound && lines[number].end > range.lowerBound
      guard isHit || node.isCompressed else {
        left.append(number)
        continue
      }
      lines[number].homes.remove(node.serial)
      if lines[number].homes.isEmpty {
        let isSeen = lines[number].end <= node.seenByteCount
        lines[number].excuse = isSeen ? .lost : .unseen
        trace.note("line \(number) lost its last home\(isSeen ? "" : ", unseen")")
      }
    }
    linesOfFile[node.serial] = left
    if range.lowerBound == 0 { node.generation += 1 }
    node.seenByteCount = min(node.seenByteCount, range.lowerBound)
  }
}
