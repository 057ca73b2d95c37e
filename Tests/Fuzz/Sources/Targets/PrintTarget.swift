import SystemPackage

@testable import Weir

/// The print formats. An input is a line of four numbers (what the output asks for, how lines and matches are drawn,
/// the batch's offset, the time), then a line each with a template, a pipeline's name, its fields and a path, then
/// lines.
///
/// `text`, `raw` and a template into a pipe are the bytes themselves; on a terminal there is nothing that it would act
/// on but colours; JSON is JSON and gives back what went in.
enum PrintTarget {
  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    var input = FuzzInput(bytes)
    let numbers = input.numbers(4)
    let template = String(decoding: input.line(), as: UTF8.self)
    let sample = DrawnDelivery(&input, seed: numbers[1], start: numbers[2], time: numbers[3])
    let look = Rendering.Look(
      isTerminal: numbers[0] & 1 != 0, hasColor: numbers[0] & 2 != 0, prefixesPath: numbers[0] & 4 != 0)
    try JSONCheck(sample).check(sample.printed(as: .json, look))
    var formats: [PrintFormat] = [.text, .raw]
    switch Self.reading(of: template) {
    case .success(let template):
      try checkReading(of: template)
      formats.append(.template(template))
    case .failure(let fault): try must(!fault.message.isEmpty, "a template is refused without a word")
    }
    for format in formats {
      try must(
        sample.printed(as: format, .init()) == sample.plain(format), "\(format) into a pipe: \(sample.plain(format))")
      try TerminalCheck(sample, format).check(look)
    }
  }

  private static func reading(of text: String) -> Result<PrintTemplate, PrintTemplate.Fault> {
    do throws(PrintTemplate.Fault) { return .success(try PrintTemplate(text)) } catch { return .failure(error) }
  }

  /// A template written from what was read of it reads the same.
  private static func checkReading(of template: PrintTemplate) throws(FuzzFinding) {
    var text: [UInt8] = []
    for piece in template.pieces {
      switch piece {
      case .text(let bytes):
        for byte in bytes { text += [byte] + ("{}".utf8.contains(byte) ? [byte] : []) }
      case .column(let column): text += Array("{\(column.rawValue)}".utf8)
      case .field(let name): text += Array("{\(name)}".utf8)
      }
    }
    let again = try? PrintTemplate(String(decoding: text, as: UTF8.self))
    try must(again == template, "the template \(template) does not read the same a second time")
  }
}
