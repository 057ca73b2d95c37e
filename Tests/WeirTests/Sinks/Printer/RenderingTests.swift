import SystemPackage
import Testing

@testable import Weir

@Suite struct RenderingTests {
  @Test func textIsTheLinesOwnBytesAndLineFeed() {
    #expect(PrinterSample("one\ntwo\n").printed() == "one\ntwo\n")
    #expect(PrinterSample("one\r\ntwo\r\n\r\n").printed() == "one\ntwo\n\n")
    #expect(PrinterSample("one\nunfinished").printed() == "one\nunfinished\n")
    #expect(PrinterSample("a\rb\n").printed() == "a\rb\n")
    #expect(PrinterSample(bytes: [0xff, 0, 0x1b, 10]).printedBytes() == [0xff, 0, 0x1b, 10])
  }

  @Test func onlySelectedLinesArePrinted() {
    let sample = PrinterSample("yes 1\nno\nyes 2\nyes 3\r\nno\nyes 4")
    #expect(sample.printed(matching: "yes") == "yes 1\nyes 2\nyes 3\nyes 4\n")
    #expect(sample.printed(as: .raw, matching: "yes") == "yes 1\nyes 2\nyes 3\r\nyes 4")
    #expect(sample.printed(matching: "never") == "")
  }

  @Test func rawKeepsTerminators() {
    #expect(PrinterSample("one\r\ntwo\nlast").printed(as: .raw) == "one\r\ntwo\nlast")
    var cut = PrinterSample("a long li")
    cut.isTruncated = true
    #expect(cut.printed(as: .raw) == "a long li\n")
    #expect(cut.printed(as: .raw, .init(prefixesPath: true)) == "/var/log/app.log: a long li\n")
    let escape = PrinterSample("\u{1b}[2J\n")
    #expect(escape.printed(as: .raw, .init(isTerminal: true, hasColor: true)) == "\u{1b}[2J\n")
  }

  /// Every way that stretches can be cut gives what line by line would give.
  @Test func stretchesEqualLines() {
    let pieces = [("x a", "\n"), ("a", "\r\n"), ("b", "\n"), ("b", "\r\n")]
    for number in 0..<256 {
      let lines = (0..<4).map { pieces[number >> (2 * $0) & 3] }
      let selected = lines.filter { $0.0.contains("a") }
      let sample = PrinterSample(lines.map { $0.0 + $0.1 }.joined())
      #expect(sample.printed(matching: "a") == selected.map { $0.0 + "\n" }.joined())
      #expect(sample.printed(as: .raw, matching: "a") == selected.map { $0.0 + $0.1 }.joined())
    }
  }

  @Test func pathsArePrefixed() {
    let sample = PrinterSample("one\r\ntwo\n")
    let look = Rendering.Look(prefixesPath: true)
    #expect(sample.printed(as: .text, look) == "/var/log/app.log: one\n/var/log/app.log: two\n")
    #expect(sample.printed(as: .raw, look) == "/var/log/app.log: one\r\n/var/log/app.log: two\n")
  }

  @Test func aHostilePathIsShownOnATerminalAlone() {
    var sample = PrinterSample("x\n")
    sample.path = FilePath("/tmp/\u{1b}[2J")
    #expect(sample.printed(as: .text, .init(isTerminal: true, prefixesPath: true)) == "/tmp/\\x1b[2J: x\n")
    #expect(sample.printed(as: .text, .init(prefixesPath: true)) == "/tmp/\u{1b}[2J: x\n")
  }

  /// Else what is behind it would be taken for a line of its own.
  @Test func aPathStaysOnItsLine() throws {
    var sample = PrinterSample("x\n")
    sample.path = "/tmp/a\nb"
    for look in [Rendering.Look(prefixesPath: true), .init(isTerminal: true, prefixesPath: true)] {
      #expect(sample.printed(as: .text, look) == "/tmp/a\\x0ab: x\n")
      #expect(sample.printed(as: .raw, look) == "/tmp/a\\x0ab: x\n")
    }
    #expect(sample.printed(as: .template(try PrintTemplate("{path} {line}"))) == "/tmp/a\\x0ab x\n")
  }

  @Test func theMatchIsColoured() {
    let sample = PrinterSample("an error here\n")
    let red = "an \u{1b}[01;31merror\u{1b}[m here\n"
    #expect(sample.printed(as: .text, .init(hasColor: true), matching: "error") == red)
    #expect(sample.printed(as: .text, .init(hasColor: true)) == "an error here\n")
    #expect(
      sample.printed(as: .text, .init(hasColor: true, prefixesPath: true), matching: "error")
        == "\u{1b}[35m/var/log/app.log\u{1b}[m: " + red)
  }

  @Test func controlsAreShownOnATerminal() {
    let terminal = Rendering.Look(isTerminal: true)
    func shown(_ bytes: [UInt8]) -> String { PrinterSample(bytes: bytes + [10]).printed(as: .text, terminal) }
    #expect(shown([0x1b, 0x5b, 0x32, 0x4a]) == "\\x1b[2J\n")
    #expect(shown([0, 7, 9, 13, 0x61, 0x7f]) == "\\x00\\x07\t\\x0da\\x7f\n")
    #expect(shown(Array("Grüße, мир 🙂".utf8)) == "Grüße, мир 🙂\n")
    #expect(shown([0xff, 0x41, 0xe2, 0x82]) == "\\xffA\\xe2\\x82\n")
    #expect(shown([0x9b, 0x32, 0x4a]) == "\\x9b2J\n")
    #expect(shown(Array("\u{9b}2J".utf8)) == "\\xc2\\x9b2J\n")
    #expect(shown(Array("user\u{202e}gpj.exe".utf8)) == "user\\xe2\\x80\\xaegpj.exe\n")
    #expect(shown([0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xc0, 0xaf]).allSatisfy { $0.isASCII })
  }

  @Test func whatIsShownOnATerminalHoldsNoControl() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }.filter { $0 != 10 && $0 != 13 }
      let shown = PrinterSample(bytes: bytes + [10]).printedBytes(as: .text, .init(isTerminal: true))
      let text = String(validating: shown, as: UTF8.self)
      #expect(text?.unicodeScalars.dropLast().contains(where: \.isActedOn) == false, "\(bytes)")
    }
  }
}
