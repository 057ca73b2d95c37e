import Benchmark
import Coroutines
import Logging
import SystemPackage

@testable import Weir

/// What following does with the bytes of a file.
func registerFollow() {
  register("follow-cut") { benchmark in
    let bytes = Logs.chunk
    benchmark.counted {
      for _ in 0..<100 {
        var cutter = LineCutter(maxLineBytes: 1 << 20)
        bytes.withUnsafeBytes { blackHole(cutter.cut($0, at: 0)) }
      }
    }
  }

  register("follow-read", counting: [.readSyscalls, .readBytesLogical]) { benchmark in
    let folder = TemporaryFolder()
    let path = try folder.write(Logs.chunk, times: 64, to: "app.log")
    guard case .file(let file) = try LinuxFiles().open(path).source else { return benchmark.error("no file") }
    let surroundings = FollowedFile.Surroundings(
      scheduler: Scheduler(), files: LinuxFiles(), pool: BlockPool(), log: Logger(label: "micro"), own: OwnFiles(),
      ended: { _ in }, noteForeign: { _, _ in }, originality: { _, _ in .original })
    blackHole(try benchmark.counted { try read(file, surroundings) })
  }
}

/// Reads a file to its end as its reader does.
///
/// - Returns: how many batches it gave.
private func read(_ file: any ReadableFile, _ surroundings: FollowedFile.Surroundings) throws -> Int {
  var reader = LineReader(origin: Logs.origin, offset: 0, lead: [], head: FileHead(), maxLineBytes: 1 << 20)
  var batches = 0
  while true {
    let chunk = try Chunk.read(file, behind: reader, byteCount: FollowedFile.chunkBytes, surroundings)
    if chunk.freshCount == 0 { return batches }
    batches += reader.take(chunk.block, freshCount: chunk.freshCount, read: chunk.time).count
  }
}
