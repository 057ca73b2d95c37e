import Testing

@testable import Weir

@Suite struct TemplateTests {
  private func format(_ text: String) throws -> PrintFormat { try PrintFormat(reading: text) }

  @Test func columnsAndFieldsAreFilledIn() throws {
    var sample = PrinterSample("login root\n")
    sample.start = 1000
    sample.label = PipelineLabel(name: "ssh", fields: ["user", "line"])
    let template = try format("{time} {pipeline} {path}:{offset} {line} <{user}> {line_} {truncated} {{x}}")
    #expect(
      sample.printed(as: template, matching: "root")
        == "2026-02-01T00:00:00.123Z ssh /var/log/app.log:1000 login root <root> root 0 {x}\n")
  }

  @Test func aFieldWhoseNameEndsAsAPlaceholderIsFound() throws {
    let recipe = PrinterRecipe(format: try format("{line_} {path}"))
    #expect(recipe.missingFields(among: ["line_"]) == [])
    #expect(recipe.missingFields(among: ["line"]) == [])
    #expect(recipe.missingFields(among: ["path_", "x"]) == ["line"])
  }

  @Test func aFieldThatCapturedNothingIsEmpty() throws {
    var sample = PrinterSample("line\n")
    sample.label = PipelineLabel(name: "p", fields: ["user"])
    #expect(try sample.printed(as: format("[{user}]")) == "[]\n")
    #expect(try sample.printed(as: format("[{other}]")) == "[]\n")
  }

  @Test func valuesAreShownOnATerminal() throws {
    var sample = PrinterSample("\u{1b}c\n")
    sample.label = PipelineLabel(name: "p", fields: ["user"])
    let look = Rendering.Look(isTerminal: true)
    #expect(try sample.printed(as: format("{line} {user}"), look, matching: "\u{1b}c") == "\\x1bc \\x1bc\n")
  }

  @Test func theMatchIsColouredInTheLine() throws {
    let look = Rendering.Look(hasColor: true)
    let printed = PrinterSample("an error\n").printed(as: try format("> {line}"), look, matching: "error")
    #expect(printed == "> an \u{1b}[01;31merror\u{1b}[m\n")
  }

  @Test(arguments: [
    ("{line", "not closed"), ("line}", "\"}}\""), ("{}", "no placeholder"), ("{a{b}", "no placeholder"),
    ("jsn", "unknown format"), ("", "unknown format"), ("{{line}}", "unknown format"),
  ])
  func badTemplatesAreRefused(_ text: String, _ reason: String) {
    let fault = #expect(throws: PrintTemplate.Fault.self) { try PrintFormat(reading: text) }
    #expect(fault?.message.contains(reason) == true)
  }

  @Test func namesOfFormats() throws {
    #expect(try format("text") == .text)
    #expect(try format("raw") == .raw)
    #expect(try format("json") == .json)
    #expect(PrinterRecipe(format: .json, color: .never).summary == "printer json color never")
    #expect(PrinterRecipe().summary == "printer")
  }

  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_400_007, "2000-02-29T00:00:00.007Z"), (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
    (1_767_225_599_050, "2025-12-31T23:59:59.050Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
  ])
  func timesAreISO8601(_ milliseconds: Int64, _ text: String) {
    var page = Page()
    page.append(timeMilliseconds: milliseconds)
    #expect(String(decoding: page.bytes, as: UTF8.self) == text)
  }

  @Test func coloursFollowTheEnvironment() {
    func colors(_ choice: PrintColor, _ isTerminal: Bool, _ environment: [String: String]) -> Bool {
      Terminal.colors(choice, isTerminal: isTerminal) { environment[$0] }
    }
    #expect(colors(.auto, true, ["TERM": "xterm"]))
    #expect(!colors(.auto, false, ["TERM": "xterm"]))
    #expect(!colors(.auto, true, ["TERM": "dumb"]))
    #expect(!colors(.auto, true, [:]))
    #expect(!colors(.auto, true, ["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(colors(.auto, true, ["TERM": "xterm", "NO_COLOR": ""]))
    #expect(colors(.always, false, ["NO_COLOR": "1"]))
    #expect(!colors(.never, true, ["TERM": "xterm"]))
  }
}
