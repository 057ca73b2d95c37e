import SystemPackage
import Testing

@testable import Weir

@Suite struct PipelineConfigTests {
  private func names(_ pipelines: String...) throws -> [String] {
    let text = "pipelines:\n" + pipelines.map { "  - { broadcast: printer, \($0) }\n" }.joined()
    let outcome = Outcome(text)
    return try #require(outcome.plan, "\(outcome.errors)").pipelines.map(\.label.name)
  }

  private func messages(_ pipelines: String...) -> [String] {
    Outcome("pipelines:\n" + pipelines.map { "  - { broadcast: printer, \($0) }\n" }.joined()).messages
  }

  @Test(arguments: [
    ("follow: /var/log/syslog, grep: error", "syslog_error"),
    ("follow: /var/log/auth.log", "auth"),
    ("follow: /var/log/nginx/*.log, grep: { exclude: bot }", "nginx_not_bot"),
    ("follow: [/a/app.log, /b], grep: 'Failed password for (?<user>\\S+)'", "app_failed_password_for"),
    ("follow: /a/x.log, grep: '^\\d+ (?:GET|POST) [a-z]{3}'", "x_get_post"),
    ("follow: '-', grep: { match: 'a.b', fixed: true }", "stdin_a_b"),
    ("follow: /var/log/журнал.log, grep: Ошибка", "журнал_ошибка"),
    ("follow: /x/sqlite.log, grep: x", "log_sqlite_x"), ("follow: /x/2024.log", "log_2024"),
    ("follow: /x/meta", "log_meta"), ("follow: /**/*", "pipeline_2"),
  ])
  func madeUpNames(_ pipeline: String, _ name: String) throws { #expect(try names(pipeline) == [name]) }

  @Test func madeUpNamesThatCollideGetANumber() throws {
    #expect(
      try names("follow: /a/x", "follow: /b/x.log", "follow: /c, name: X_2", "follow: /d/x")
        == ["x", "x_3", "X_2", "x_4"])
  }

  @Test(arguments: [
    "matches", "Match", "lines", "COUNTS", "meta", "checkpoint", "timings", "checkpoint_former",
    "Checkpoint_Former", "reject", "checkpoint_former_of_file", "sqlite_x", "SQLite_",
  ])
  func storeNamesAreTaken(_ name: String) {
    let messages = messages("follow: /a, name: \(name)")
    #expect(messages.count == 1 && messages[0].hasPrefix("2:45: error: a pipeline"), "\(messages)")
  }

  @Test func namesAreUniqueWithoutRegardToCase() {
    #expect(
      messages("follow: /a, name: Web", "follow: /b, name: web") == [
        "3:45: error: pipeline \"web\" is named already at 2:45"
      ])
  }

  @Test(arguments: [
    ("follow: /a, name: ''", "a pipeline's name must not be empty"),
    ("follow: /a, name: ", "\"name\" has no value"),
    ("follow: /a, name: \"a\\eb\"", "must not hold control characters"),
    ("name: x", "a pipeline needs \"follow\""),
    ("folow: /a", "unknown key \"folow\" in pipeline; did you mean \"follow\"?"),
    ("follow: /a, name: [x]", "\"name\" must be text, not a list"),
  ])
  func mistakes(_ pipeline: String, _ expected: String) {
    let messages = messages(pipeline)
    #expect(messages.count == 1 && messages[0].contains(expected), "\(messages)")
  }

  @Test(arguments: ["pipelines: []", "pipelines:", "log: { level: info }"])
  func aConfigNeedsAPipeline(_ text: String) {
    let messages = Outcome(text).messages
    #expect(messages.count == 1 && messages[0].hasSuffix("no pipelines; a config needs at least one"))
  }

  @Test(arguments: ["http: 127.0.0.1:1", "control: /x", "tests: []"])
  func whatThisVersionDoesNotHonour(_ option: String) {
    let key = option.prefix { $0 != ":" }
    let messages = Outcome(pipeline("broadcast: printer") + option).messages
    #expect(messages == ["5:1: error: \"\(key)\" is not available in this version of weir"])
  }

  @Test func smallestConfigAndDefaults() throws {
    let text = "pipelines:\n  - follow: /var/log/syslog\n    grep: error\n    broadcast: printer\n"
    let plan = try #require(Outcome(text).plan)
    #expect(plan.log == LogPlan() && plan.slowBatch == nil)
    #expect(plan.source == "/etc/weir/weir.yaml" && plan.database == "/etc/weir/weir.db")
    #expect(plan.sinks.map(\.name) == ["printer"])
    #expect(Outcome("pipelines: { follow: /a, broadcast: printer }").plan?.pipelines.count == 1)
  }

  @Test func logAndTiming() throws {
    let plan = try #require(
      Outcome("log: { level: debug, format: json }\ntiming: { slow_batch: 1s }\n" + pipeline("broadcast: printer")).plan
    )
    #expect(plan.log == LogPlan(level: .debug, format: .json))
    #expect(plan.slowBatch == .seconds(1))
    let wrong = Outcome("log: { level: warn }\ntiming: 1s\n" + pipeline("broadcast: printer")).messages
    #expect(
      wrong == [
        "1:15: error: \"warn\" is not a value of \"level\"; it is one of debug, info, warning, error",
        "2:9: error: timing must be a mapping, not text",
      ])
  }
}
