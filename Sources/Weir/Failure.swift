/// What a user is told when something cannot be done: what happened, why, and what helps.
public struct Failure: Error, CustomStringConvertible, Sendable {
  /// One sentence without a full stop: what could not be done, with the path or name.
  public let what: String
  /// The reason, as the system or library gave it; nil if `what` says it.
  public let cause: String?
  /// What the user can do; nil if that is plain.
  public let help: String?

  /// A failure with these words.
  public init(_ what: String, cause: String? = nil, help: String? = nil) {
    self.what = what
    self.cause = cause
    self.help = help
  }

  public var description: String {
    [what + (cause.map { ": \($0)" } ?? ""), help].compactMap { $0 }.joined(separator: "; ")
  }
}
