import Glibc
import Testing

/// The seeds of a target, and the words that its inputs are made of.
struct FuzzCorpus {
  /// In the order of their names, so that a run is the same each time.
  let inputs: [[UInt8]]
  let words: [[UInt8]]

  init(of target: FuzzTarget) throws {
    // Tests/Fuzz/Sources/ShortRun/FuzzCorpus.swift, and up.
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let folder = "\(root)/corpus/\(target.rawValue)"
    inputs = try Self.names(in: folder).map { try Self.bytes(of: "\(folder)/\($0)") }
    words = try Self.bytes(of: "\(root)/dictionaries/\(target.rawValue)").split(separator: 0x0a).map(Self.word)
    try #require(!inputs.isEmpty && !words.isEmpty, "\(folder)")
  }

  /// `"a\x00"`, as libFuzzer has it.
  private static func word(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var word: [UInt8] = []
    var rest = line.dropFirst().dropLast()
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x") else {
        word.append(byte)
        continue
      }
      word.append(UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16) ?? 0)
      rest = rest.dropFirst(3)
    }
    return word
  }

  private static func names(in path: String) throws -> [String] {
    let folder = try #require(opendir(path), "\(path)")
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  private static func bytes(of path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "re"), "\(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return bytes
  }
}
