import Testing

@testable import Weir

@Suite struct PlanDescriptionTests {
  @Test func aPlanIsShownForPeople() throws {
    let text = """
      timing: { slow_batch: 90s }
      sinks: { console: { printer: { format: json } } }
      pipelines:
        - name: ssh
          follow:
            - /var/log/auth.log
            - { path: ['/srv/**/a.log', b.log], exclude: '*.gz', from: beginning, max_line: 64KiB }
            - { path: app.log, rotated: [/old, 'older/*'], poll: 90s }
          grep:
            - { match: ['(?<user>a)', b], ignore_case: true, word: true }
            - { exclude: [c, d] }
          broadcast: [console, sqlite, { grep: root, broadcast: [{ counter: { by: user } }] }]
        - { follow: "/tmp/\\e.log", broadcast: sqlite }
      """
    let outcome = Outcome(text)
    let described = try #require(outcome.plan, "\(outcome.errors)").describe()
    #expect(
      described == """
        config     /etc/weir/weir.yaml
        database   /etc/weir/weir.db
        log        info, text
        slow batch warned of beyond 90s

        pipeline ssh
          follow     /var/log/auth.log
                     /srv/**/a.log, /etc/weir/b.log; without *.gz; from the beginning; lines up to 64KiB
                     /etc/weir/app.log; rotated copies also in /old, /etc/weir/older/*; looked at every 90s
          fields     user
          grep       '(?<user>a)' (any case, word) or 'b' (any case, word)
                     not 'c' nor 'd'
          broadcast  console, sqlite
          branch
            grep       'root'
            broadcast  counter

        pipeline tmp
          follow     /tmp/\\x1b.log
          grep       every line
          broadcast  sqlite

        sink console: printer json
        sink: sqlite default 0
        sink: counter by user
        """)
  }
}
