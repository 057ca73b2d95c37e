import SystemPackage
import Testing

@testable import Weir

@Suite struct FollowConfigTests {
  private func follow(_ value: String) throws -> [FollowPlan] {
    let outcome = Outcome("pipelines: [{ broadcast: printer, follow: \(value) }]")
    return try #require(outcome.plan, "\(outcome.errors)").pipelines[0].follow
  }

  private func messages(_ value: String) -> [String] {
    Outcome("pipelines: [{ broadcast: printer, follow: \(value) }]").messages
  }

  @Test func forms() throws {
    #expect(try follow("/a.log") == [FollowPlan(paths: ["/a.log"])])
    #expect(try follow("[/a.log, b.log]") == [FollowPlan(paths: ["/a.log"]), FollowPlan(paths: ["/etc/weir/b.log"])])
    #expect(try follow("{ path: /a.log }") == [FollowPlan(paths: ["/a.log"])])
    let full = try follow(
      "[x, { path: [/a/*.log, /s/**/b], exclude: '*.gz', from: beginning, max_line: 64KiB, rotated: [/o, 'p/*'] }]")
    #expect(
      full[1]
        == FollowPlan(
          paths: ["/a/*.log", "/s/**/b"], excludes: ["*.gz"], start: .beginning, maxLineBytes: 65_536,
          rotated: ["/o", "/etc/weir/p/*"]))
  }

  @Test func paths() throws {
    #expect(try follow("'-'")[0].paths == ["-"])
    #expect(try follow("~/x")[0].paths == ["/etc/weir/~/x"])
    #expect(try follow("../log/./x//y.log")[0].paths == ["/etc/log/x/y.log"])
    #expect(try follow("'{a,b}[0-9]?.log'")[0].paths == ["/etc/weir/{a,b}[0-9]?.log"])
    #expect(try follow("{ path: /a, rotated: ../old/ }")[0].rotated == ["/etc/old"])
    #expect(try follow("{ path: /a, exclude: [old/*, '*.1'] }")[0].excludes == ["/etc/weir/old/*", "*.1"])
  }

  @Test(arguments: [
    ("[]", "\"follow\" is empty"), ("''", "a path is empty"), ("{ from: end }", "needs \"path\""),
    ("[[/a]]", "must be a path or a mapping, not a list"), ("{ path: { a: b } }", "a path must be text, not a mapping"),
    ("{ path: /a, from: begining }", "\"begining\" is not a value of \"from\"; did you mean \"beginning\"?"),
    ("{ path: /a, max_line: 2 }", "\"max_line\" must be from 4 bytes to 1GiB"),
    ("{ path: /a, max_line: 2GiB }", "\"max_line\" must be from 4 bytes to 1GiB"),
    ("{ path: /a, max_line: 0 }", "is zero"), ("{ path: \"a\\0b\" }", "holds a NUL"),
    ("'/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}'", "stands for more than 1,000 paths"),
    ("{ path: /a, exclude: '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}' }", "more than 1,000 paths"),
    ("{ path: /a, rotated: '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}' }", "more than 1,000 paths"),
    ("{ path: /a, poll: 0s }", "\"0s\" is zero; a duration must be more than zero"),
    ("{ path: /a, poll: 5 }", "\"5\" has no unit"), ("{ path: /a, rotated: '' }", "\"rotated\" is empty"),
    ("{ path: /a, rotated: }", "\"rotated\" has no value"),
    ("{ pth: /a }", "unknown key \"pth\" in follow; did you mean \"path\"?"),
  ])
  func mistakes(_ value: String, _ expected: String) {
    let messages = messages(value)
    #expect(messages.count == 1 && messages[0].contains(expected), "\(messages)")
  }

  @Test(arguments: ["multiline: { start: a }", "encoding: latin1"])
  func whatThisVersionDoesNotHonour(_ option: String) {
    let key = option.prefix { $0 != ":" }
    #expect(
      messages("{ path: /a, \(option) }") == ["1:55: error: \"\(key)\" is not available in this version of weir"])
  }
}
