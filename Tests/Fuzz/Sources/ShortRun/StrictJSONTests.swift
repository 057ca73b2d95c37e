import Testing

/// The judge of JSON, judged.
@Suite struct StrictJSONTests {
  @Test(arguments: [
    "", "{", "{}x", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{a:1}", "[1,]", "01", "+1", "1.", ".5", "1e", "nul", "\"\\x\"",
    "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "\"", "'a'", "NaN",
    String(repeating: "[", count: 1000),
  ]) func refused(_ text: String) {
    #expect(throws: FuzzFinding.self) { try StrictJSON.value(of: text.utf8) }
  }

  @Test func taken() throws {
    #expect(
      try StrictJSON.value(of: " {\"a\" : [1, -0.5e+3 ,null,true,false], \"\\u00e9\\ud83d\\ude42\\n\":\"\"}\n".utf8)
        == .object([
          .init(
            key: "a", value: .list([.number("1"), .number("-0.5e+3"), .null, .boolean(true), .boolean(false)])),
          .init(key: "é🙂\n", value: .string("")),
        ]))
    #expect(throws: FuzzFinding.self) { try StrictJSON.value(of: [0x22, 0xff, 0x22]) }
  }
}
