import CSQLite
import SystemPackage
import Testing

@testable import Weir

@Suite struct JSONLayoutTests {
  @Test func theColumnsOfMatchesAreKeys() {
    var sample = PrinterSample("login root\n")
    sample.start = 18_000_000_000_000_000_000
    #expect(
      sample.printed(as: .json)
        == #"{"time":"2026-02-01T00:00:00.123Z","pipeline":"app","path":"/var/log/app.log","#
        + #""offset":18000000000000000000,"line":"login root","fields":null,"raw":null,"truncated":0}"# + "\n")
    sample.label = PipelineLabel(name: "app", fields: ["user", "Größe"])
    sample.isTruncated = true
    #expect(
      sample.printed(as: .json, matching: "root").hasSuffix(
        #""fields":{"user":"root","Größe":"root"},"raw":null,"truncated":1}"# + "\n"))
    #expect(sample.printed(as: .json).contains(#""fields":{"user":null,"Größe":null}"#))
  }

  @Test func notUTF8ComesWholeInRaw() {
    let printed = PrinterSample(bytes: [0x61, 0xff, 0xe2, 0x82, 0x62, 10]).printed(as: .json)
    #expect(printed.contains("\"line\":\"a\u{fffd}\u{fffd}b\""))
    #expect(printed.contains(#""raw":"Yf/igmI=""#))
  }

  @Test func replacementIsWhatSwiftReplaces() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<12).map { _ in UInt8.random(in: 0x80...255, using: &random) }
      var page = Page()
      let isValid = bytes.withUnsafeBytes { page.append(jsonString: $0) }
      #expect(isValid == (String(validating: bytes, as: UTF8.self) != nil))
      let parsed = Self.sqlite("SELECT json_extract(?1, '$')", page.bytes)
      #expect(parsed == Array(String(decoding: bytes, as: UTF8.self).utf8))
    }
  }

  /// SQLite's parser reads back what was written, whatever the line holds.
  @Test func whatIsPrintedIsJSON() {
    let hostile: [UInt8] = Array(#"a"b\c/</script>"#.utf8) + (1...31).filter { $0 != 10 } + [0x7f]
    var sample = PrinterSample(bytes: hostile + Array("\u{85}\u{202e}🙂".utf8) + [10])
    sample.path = "/tmp/\"\\\n.log"
    sample.label = PipelineLabel(name: "it's \"p\"", fields: ["user"])
    let printed = sample.printedBytes(as: .json)
    #expect(Self.sqlite("SELECT json_valid(?1)", printed) == Array("1".utf8))
    #expect(Self.sqlite("SELECT json_extract(?1, '$.line')", printed) == Array(sample.text.dropLast()))
    #expect(Self.sqlite("SELECT json_extract(?1, '$.path')", printed) == Array("/tmp/\"\\\n.log".utf8))
    #expect(Self.sqlite("SELECT json_extract(?1, '$.pipeline')", printed) == Array("it's \"p\"".utf8))
    #expect(!printed.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
    let scalars = String(decoding: printed, as: UTF8.self).unicodeScalars.dropLast()
    #expect(!scalars.contains { $0.isActedOn })
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("~~?", "fn4/")])
  func base64(_ text: String, _ expected: String) {
    var page = Page()
    Array(text.utf8).withUnsafeBytes { page.append(base64: $0) }
    #expect(String(decoding: page.bytes, as: UTF8.self) == expected)
  }

  private static func sqlite(_ query: String, _ argument: [UInt8]) -> [UInt8]? {
    var database: OpaquePointer?
    var statement: OpaquePointer?
    sqlite3_open(":memory:", &database)
    defer { sqlite3_close(database) }
    sqlite3_prepare_v2(database, query, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    return argument.withUnsafeBytes { bytes in
      sqlite3_bind_text(statement, 1, bytes.baseAddress, Int32(bytes.count), nil)
      guard sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0) else { return nil }
      return Array(UnsafeRawBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, 0))))
    }
  }
}
