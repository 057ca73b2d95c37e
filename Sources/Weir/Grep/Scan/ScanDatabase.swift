import CVectorscan
import Glibc

/// Vectorscan's database of what is sought, and its working memory: one scan finds them all.
///
/// Not Sendable: a database may be shared between threads, the working memory may not.
final class ScanDatabase {
  /// What one pattern looks for.
  struct Expression {
    /// The pattern's place in the scanner's table.
    let pattern: Int
    /// Over bytes, as ``ScanText`` writes it.
    let text: String
  }

  /// `^` and `$` at every line; over bytes, not characters, so that no byte stops it.
  private static let flags = UInt32(HS_FLAG_MULTILINE)

  private let database: OpaquePointer
  private let scratch: OpaquePointer
  /// The patterns that are in it.
  let patterns: [Int]

  /// Compiles these. What Vectorscan does not take is left out; nil if that is all, or if it cannot run here at all:
  /// then PCRE2 does the work.
  init?(_ expressions: [Expression]) {
    var accepted = expressions.filter { Self.isAccepted($0.text) }
    var database: OpaquePointer?
    while database == nil {
      guard !accepted.isEmpty else { return nil }
      var refused = -1
      database = Self.compile(accepted, refused: &refused)
      if database != nil { break }
      // Together they may be too large though each is not: then PCRE2 takes the later half.
      if accepted.indices.contains(refused) {
        accepted.remove(at: refused)
      } else {
        accepted.removeLast((accepted.count + 1) / 2)
      }
    }
    var scratch: OpaquePointer?
    guard let database, hs_alloc_scratch(database, &scratch) == HS_SUCCESS, let scratch else {
      hs_free_database(database)
      return nil
    }
    self.database = database
    self.scratch = scratch
    patterns = accepted.map(\.pattern)
  }

  deinit {
    hs_free_scratch(scratch)
    hs_free_database(database)
  }

  /// Adds to `hits` what is in `bytes`.
  func scan(_ bytes: UnsafeRawBufferPointer, into hits: inout HitList) {
    let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let code = withUnsafeMutablePointer(to: &hits) { hits in
      hs_scan(
        database, base, UInt32(bytes.count), 0, scratch,
        { pattern, _, end, _, hits in
          hits?.assumingMemoryBound(to: HitList.self).pointee.add(pattern: Int(pattern), end: Int(end))
          return 0
        }, hits)
    }
    // Its errors are of wrong arguments alone.
    precondition(code == HS_SUCCESS, "hs_scan: \(code)")
  }

  /// Whether Vectorscan takes an expression by itself, and it needs at least a byte to match.
  private static func isAccepted(_ text: String) -> Bool {
    var facts: UnsafeMutablePointer<hs_expr_info_t>?
    var problem: UnsafeMutablePointer<hs_compile_error_t>?
    guard hs_expression_info(text, flags, &facts, &problem) == HS_SUCCESS, let facts else {
      hs_free_compile_error(problem)
      return false
    }
    defer { free(facts) }
    return facts.pointee.min_width > 0
  }

  private static func compile(_ expressions: [Expression], refused: inout Int) -> OpaquePointer? {
    let texts = expressions.map { UnsafePointer(strdup($0.text)) }
    defer { texts.forEach { Glibc.free(UnsafeMutablePointer(mutating: $0)) } }
    let flags = [UInt32](repeating: Self.flags, count: expressions.count)
    let places = expressions.map { UInt32($0.pattern) }
    var database: OpaquePointer?
    var problem: UnsafeMutablePointer<hs_compile_error_t>?
    let code = hs_compile_multi(
      texts, flags, places, UInt32(expressions.count), UInt32(HS_MODE_BLOCK), nil, &database, &problem)
    if code != HS_SUCCESS { refused = Int(problem?.pointee.expression ?? -1) }
    hs_free_compile_error(problem)
    return database
  }
}
