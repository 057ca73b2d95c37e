import SystemPackage
import Testing

@testable import Weir

@Suite struct EnvironmentTests {
  private func fill(_ text: String, _ environment: [String: String] = [:]) -> String {
    let filled = EnvironmentText(text, environment: environment)
    return filled.refusals.isEmpty ? filled.text : "refused: " + filled.refusals.map(\.message).joined(separator: ", ")
  }

  @Test func values() {
    #expect(fill("a${X}b${Y}", ["X": "1", "Y": "${X}"]) == "a1b${X}")
    #expect(fill("${X:-d e}", [:]) == "d e")
    #expect(fill("${X:-d}", ["X": ""]) == "d")
    #expect(fill("${X}", ["X": ""]) == "")
    #expect(fill("${X:-}", [:]) == "")
    #expect(fill("$${X} $ $X $(x) x$", ["X": "1"]) == "${X} $ $X $(x) x$")
    #expect(fill("$$${X}", ["X": "1"]) == "$${X}")
  }

  @Test(arguments: ["${X", "${}", "${1A}", "${X:d}", "${X:=d}", "${A B}"])
  func wrongForms(_ text: String) { #expect(fill(text, ["X": "1"]).hasPrefix("refused")) }

  @Test func aMissingOneIsAnErrorAtItsCharacter() {
    let outcome = Outcome(pipeline("grep: 'a ${NOPE} ${GONE}'\nbroadcast: printer"))
    #expect(
      outcome.messages == [
        "4:14: error: environment variable NOPE is not set", "4:22: error: environment variable GONE is not set",
      ])
    #expect(outcome.errors.contains("      |              ^~~~~~~\n"))
  }

  @Test func textIsNeverYAML() throws {
    let outcome = Outcome(
      pipeline("grep: ${P}\nbroadcast: ${S}"), environment: ["P": "[a, b]: {x", "S": "printer"])
    #expect(try #require(outcome.plan).pipelines[0].trunk.rules[0].matches[0].text == "[a, b]: {x")
  }

  @Test func keysAreLeftAlone() {
    #expect(Outcome(pipeline("${X}: 1\nbroadcast: printer")).messages.first?.contains("unknown key \"${X}\"") ?? false)
  }

  @Test func database() throws {
    let text = pipeline("broadcast: sqlite")
    #expect(Outcome(text).plan?.database == "/etc/weir/weir.db")
    #expect(
      Outcome(text, environment: ["STATE_DIRECTORY": "/var/lib/weir:/x"]).plan?.database == "/var/lib/weir/weir.db")
    #expect(Outcome("database: ../d/x.db\n" + text).plan?.database == "/etc/d/x.db")
    #expect(
      Outcome("database: ${STATE_DIRECTORY}/y\n" + text, environment: ["STATE_DIRECTORY": "/s"]).plan?.database
        == "/s/y")
  }
}
