import Testing

@testable import Weir

/// Configs that a person does not write, within 1 MiB: reading them takes time in proportion to their size.
@Suite struct LargeConfigTests {
  @Test func namesAreMadeUpInOrder() {
    var names = TakenNames(["App", "app_3"])
    #expect((0..<4).map { _ in names.firstFree("app") } == ["app_2", "app_4", "app_5", "app_6"])
    names.insert("log")
    #expect(names.firstFree("LOG") == "LOG_2" && names.firstFree("log") == "log_3" && names.firstFree("x") == "x")
  }

  /// Were each name sought from 2 on, these would be 50 million names.
  @Test(.timeLimit(.minutes(1))) func thousandsOfEqualPipelines() {
    let text = "pipelines:\n  - &p { follow: /a, broadcast: printer }\n" + String(repeating: "  - *p\n", count: 9999)
    #expect(Outcome(text).plan?.pipelines.last?.label.name == "a_10000")
  }

  /// Were the place of each sought through all of them, these would be 100 million comparisons.
  @Test(.timeLimit(.minutes(1))) func thousandsOfMissingFields() {
    let fields = (0..<10_000).map { "f\($0)" }.joined(separator: ", ")
    let outcome = Outcome(pipeline("grep: 'x(?<ab>)'\nbroadcast: { counter: { by: [\(fields), f1] } }"))
    #expect(outcome.messages.count == 10_000)
    #expect(outcome.messages.last?.contains("\"f9999\"") == true)
  }
}
