import Glibc
import Testing

@testable import Weir

/// A real terminal's other end.
@Suite struct PrinterTerminalTests {
  @Test func aTerminalIsSeenAndProtected() throws {
    let terminal = try PrinterTerminal()
    let recipe = PrinterRecipe(color: .always)
    try PrinterRun(recipe: recipe, descriptor: terminal.descriptor).send([
      PrinterSample("\u{1b}]0;owned\u{7} error\tat\n").delivery(matching: "error")
    ])
    #expect(try terminal.readLine() == "\\x1b]0;owned\\x07 \u{1b}[01;31merror\u{1b}[m\tat\r\n")
  }

  @Test func withoutColourControlsAreStillShown() throws {
    let terminal = try PrinterTerminal()
    try PrinterRun(recipe: PrinterRecipe(color: .never), descriptor: terminal.descriptor).send([
      PrinterSample("\u{1b}[2J error\n").delivery(matching: "error")
    ])
    #expect(try terminal.readLine() == "\\x1b[2J error\r\n")
  }

  @Test func aTerminalThatWasClosedEndsItQuietly() throws {
    let terminal = try PrinterTerminal()
    let run = PrinterRun(descriptor: terminal.descriptor)
    terminal.hangUp()
    #expect(throws: OutputClosed.self) { try run.send([PrinterSample("x\n").delivery()]) }
  }
}
