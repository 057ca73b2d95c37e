import Benchmark
import Coroutines
import SystemPackage

@testable import Weir

/// Rows with the checkpoint that covers them, a transaction a batch.
func registerStore() {
  register("store-rows", counting: [.writeSyscalls, .writeBytesLogical]) { benchmark in
    let folder = TemporaryFolder()
    let label = PipelineLabel(name: "micro", fields: [])
    let store = StoreShelf().store(at: folder.path.appending("weir.db"))
    try await store.open()
    try await store.register([label])
    let deliveries = deliveries(to: label, batches: 5)
    let rejected = try await benchmark.counted {
      var rejected = 0
      for delivery in deliveries { rejected += try await store.write(delivery, sink: "sqlite") }
      return rejected
    }
    if rejected > 0 { benchmark.error("\(rejected) rows were refused") }
    await store.close()
  }
}

/// Batches one behind the other, of which each line is a row.
private func deliveries(to label: PipelineLabel, batches: Int) -> [Delivery] {
  var offset: UInt64 = 0
  return (0..<batches).map { _ in
    let bytes = Logs.chunk
    let batch = Logs.batch(bytes, at: offset)
    offset += UInt64(bytes.count)
    var selection = Selection(fieldCount: 0)
    var start: Int32 = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      let end = start + Int32(line.count)
      selection.lines.append(Selection.Line(start: start, end: end, matchStart: start, matchEnd: start))
      start = end + 1
    }
    return Delivery(pipeline: label, batch: batch, selection: selection)
  }
}
