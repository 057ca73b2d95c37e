import Coroutines
import Glibc
import Logging
import SystemPackage

@testable import Weir

/// Deliveries made by hand: `text` is the batch, the lines are those that hold a needle.
struct PrinterSample {
  var text: [UInt8]
  var path: FilePath = "/var/log/app.log"
  var start: UInt64 = 0
  var isTruncated = false
  var readAtMilliseconds: Int64 = 1_769_904_000_123
  var label = PipelineLabel(name: "app", fields: [])

  init(_ text: String) { self.text = Array(text.utf8) }
  init(bytes: [UInt8]) { text = bytes }

  /// All lines, or those with `needle`, which is then the match and what each field captured.
  func delivery(matching needle: String = "") -> Delivery {
    let needle = Array(needle.utf8)
    var selection = Selection(fieldCount: label.fields.count)
    var start = 0
    while start < text.count {
      let lineFeed = text[start...].firstIndex(of: 10)
      var end = lineFeed ?? text.count
      if lineFeed != nil, end > start, text[end - 1] == 13 { end -= 1 }
      if let match = Self.place(of: needle, in: text, start..<end) {
        let (matchStart, matchEnd) = (Int32(match), Int32(match + needle.count))
        selection.lines.append(
          .init(start: Int32(start), end: Int32(end), matchStart: matchStart, matchEnd: matchEnd))
        let capture = needle.isEmpty ? Selection.Capture.none : .init(start: matchStart, end: matchEnd)
        selection.captures += label.fields.map { _ in capture }
      }
      start = (lineFeed ?? text.count) + 1
    }
    let batch = Batch(
      origin: Origin(path: path, identity: nil), start: self.start, end: self.start + UInt64(text.count),
      block: Block(copying: text), range: 0..<text.count, isTruncated: isTruncated, head: .none, marker: .none,
      readAtMilliseconds: readAtMilliseconds)
    return Delivery(pipeline: label, batch: batch, selection: selection)
  }

  /// What a page holds after this delivery.
  func printed(
    as format: PrintFormat = .text, _ look: Rendering.Look = .init(), matching needle: String = ""
  ) -> String {
    String(decoding: printedBytes(as: format, look, matching: needle), as: UTF8.self)
  }

  func printedBytes(
    as format: PrintFormat = .text, _ look: Rendering.Look = .init(), matching needle: String = ""
  ) -> [UInt8] {
    var page = Page()
    Rendering(format: format, look: look, label: label).append(delivery(matching: needle), to: &page)
    return page.bytes
  }

  private static func place(of needle: [UInt8], in text: [UInt8], _ range: Range<Int>) -> Int? {
    guard range.count >= needle.count else { return nil }
    return (range.lowerBound...(range.upperBound - needle.count)).first {
      text[$0..<($0 + needle.count)].elementsEqual(needle)
    }
  }
}

/// A printer on a descriptor, run to its end.
struct PrinterRun {
  var recipe = PrinterRecipe()
  var output: Output
  var log: Logger

  init(
    recipe: PrinterRecipe = PrinterRecipe(), descriptor: Int32,
    log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  ) {
    self.recipe = recipe
    self.log = log
    output = Output(descriptor: descriptor, name: "standard output")
  }

  /// Opens the printer, sends `deliveries` one after the other, closes it.
  func send(_ deliveries: [Delivery]) throws {
    signal(SIGPIPE, SIG_IGN)
    let scheduler = Scheduler()
    let printer = Printer(
      recipe: recipe, name: "console", scheduler: scheduler, log: log, output: output)
    try scheduler.run {
      try await printer.open(for: deliveries.map(\.pipeline))
      let body = Consumer<[Delivery]>(name: "console", on: scheduler) { try await printer.receive($0) }
      for delivery in deliveries { try await body.send([delivery]) }
      try await body.close()
    }
  }
}
