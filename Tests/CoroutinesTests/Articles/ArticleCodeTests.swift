import Testing

/// The code in the articles is the code of tests, and the tests that they name exist.
@Suite struct ArticleCodeTests {
  @Test func `each block of Swift in an article stands in a test`() throws {
    let code = try QuotedCode.read()
    let articles = try Article.read()
    #expect(articles.count >= 4)
    for article in articles {
      for block in article.codeBlocks where !code.has(block) {
        Issue.record("\(article.name): no test has\n\(block.joined(separator: "\n"))")
      }
    }
  }

  @Test func `each test that a table names exists`() throws {
    let names = try QuotedCode.read().testNames
    for article in try Article.read() {
      for name in article.tableCode(under: "test") where !names.contains(Substring(name)) {
        Issue.record("\(article.name): no test is named \(name)")
      }
    }
  }

  @Test func `the articles quote code and name tests`() throws {
    let articles = try Article.read()
    func article(_ name: String) throws -> Article { try #require(articles.first { $0.name == name }) }
    #expect(try article("FromTailToBroadcast.md").codeBlocks.count >= 10)
    #expect(try article("ComingFromPython.md").tableCode(under: "test").count > 50)
    #expect(try article("CancellationAndCleanup.md").tableCode(under: "test").count > 10)
    #expect(try article("CancellationAndCleanup.md").codeBlocks.count >= 3)
  }

  @Test func `a line more, less or otherwise is found`() {
    let code = QuotedCode(texts: ["func `a, b`() {\n  one()\n    two()\n\n  three()\n}"])
    #expect(code.has(["one()", "  two()"]))
    #expect(code.has(["    two()", "", "three()"]))
    #expect(!code.has(["one()", "three()"]))
    #expect(!code.has(["two()", "one()"]))
    #expect(!code.has(["one( )"]))
    #expect(!code.has([]))
    #expect(code.testNames == ["a, b"])
  }

  @Test func `blocks and tables are cut out`() {
    let article = Article(
      name: "a.md",
      text: """
        # A
        ```swift
        one()

        ```
        ```sh
        tail
        ```
        | says | test |
        | --- | --- |
        | `b` | `c, d`; `e` |
        | `f` | the compiler |

        | says | means |
        | --- | --- |
        | `g` | `h` |
        """)
    #expect(article.codeBlocks == [["one()", ""]])
    #expect(article.tableCode(under: "test") == ["c, d", "e"])
  }
}
