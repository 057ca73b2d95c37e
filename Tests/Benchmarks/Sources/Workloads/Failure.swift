import Glibc

/// What made a figure impossible or worthless.
struct Failure: Error {
  let text: String

  init(_ text: String) { self.text = text }

  /// That `call` failed, with the reason.
  static func call(_ call: String) -> Failure { Failure("\(call): \(String(cString: strerror(errno)))") }
}
