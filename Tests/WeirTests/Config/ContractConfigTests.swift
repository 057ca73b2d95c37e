import SystemPackage
import Testing

@testable import Weir

/// The config of the contract that shows everything: what this version cannot do is said, and nothing else is wrong.
@Suite struct ContractConfigTests {
  private static let everything = """
    include: conf.d/*.yaml
    database: /var/lib/weir/weir.db

    http: 127.0.0.1:9464

    control: /run/weir/weir.sock
    log: { level: info, format: text }
    timing: { slow_batch: 1s }

    sinks:
      console: { printer: { format: text, color: true } }
      archive: { sqlite: { path: archive.db, retention: { age: 30d, rows: 1000, size: 2GiB } } }
      per_ip:  { counter: { by: [ip], every: 1m } }

    pipelines:
      - name: ssh_failures
        follow:
          - /var/log/auth.log
          - path: [/var/log/nginx/*.log, /srv/**/app.log]
            exclude: "*.gz"
            from: end
            max_line: 1MiB
            multiline: { start: '^\\d{4}-', wait: 1s }
            rotated: /var/log/archive/*
            encoding: utf-8
            poll: 1s
        grep:
          - match: 'Failed password for (?<user>\\S+) from (?<ip>\\S+)'
            ignore_case: true
          - exclude: ['from 10\\.', 'from 192\\.168\\.']
          - { match: 'a.b', fixed: true, word: true }
          - { match: Traceback, before: 2, after: 10 }
        broadcast:
          - console
          - sqlite
          - counter: { by: [user] }
          - grep: root
            broadcast: [per_ip]

    tests:
      - pipeline: ssh_failures
        given: |
          sshd[1]: Failed password for root from 203.0.113.9 port 22 ssh2
          sshd[1]: Accepted publickey for amy from 10.0.0.8
        expect:
          - { line: 'sshd[1]: Failed password for root from 203.0.113.9 port 22 ssh2',
              fields: { user: root, ip: 203.0.113.9 } }
    """

  @Test func onlyWhatIsNotAvailableIsRefused() {
    let keys = Outcome(Self.everything).messages.map { message in
      #expect(message.hasSuffix(" is not available in this version of weir"), "\(message)")
      return message.split(separator: "\"").dropFirst().first ?? ""
    }
    #expect(
      keys
        == ["http", "control", "multiline", "encoding", "before", "after", "tests"].map { $0[...] })
  }

  @Test func theRestIsAPlan() throws {
    let refused = ["http", "control", "multiline", "encoding", "- { match: Traceback"]
    let lines = Self.everything.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.hasPrefix("tests:") }
      .filter { line in !refused.contains { line.drop { $0 == " " }.hasPrefix($0) } }
    let outcome = Outcome(lines.joined(separator: "\n"))
    let plan = try #require(outcome.plan, "\(outcome.errors)")
    #expect(plan.database == "/var/lib/weir/weir.db" && plan.slowBatch == .seconds(1))
    #expect(plan.sinks.map(\.name) == ["console", "sqlite", "counter", "per_ip"])
    let ssh = plan.pipelines[0]
    #expect(ssh.follow.map(\.poll) == [nil, .seconds(1)])
    #expect(
      ssh.label.fields == ["user", "ip"] && ssh.follow.map(\.rotated) == [[], ["/var/log/archive/*"]]
        && ssh.trunk.rules.count == 3)
    #expect(ssh.trunk.sinks == [0, 1, 2] && ssh.trunk.branches.map(\.sinks) == [[3]])
  }
}
