import CPCRE2

/// A pattern compiled by PCRE2: what it matches is what the pattern means.
final class CompiledPattern: @unchecked Sendable {
  /// The pattern's source.
  let pattern: Pattern
  /// Named groups in order of appearance.
  let groupNames: [String]
  private let code: OpaquePointer

  init(_ pattern: Pattern) throws(PatternError) {
    self.pattern = pattern
    var options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF
    if pattern.ignoresCase { options |= PCRE2_CASELESS }
    if pattern.isFixed { options |= PCRE2_LITERAL }
    var code: Int32 = 0
    var offset = 0
    let text = Array(pattern.text.utf8)
    guard let compiled = pcre2_compile_8(text, text.count, options, &code, &offset, nil) else {
      var message = [UInt8](repeating: 0, count: 256)
      let length = pcre2_get_error_message_8(code, &message, message.count)
      throw PatternError(message: String(decoding: message.prefix(Int(max(0, length))), as: UTF8.self), offset: offset)
    }
    self.code = compiled
    groupNames = []
  }

  deinit { pcre2_code_free_8(code) }
}
