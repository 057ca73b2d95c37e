/// What was seen of a followed file when it was looked at.
struct FileSight: Equatable, Sendable {
  /// Its size now; with `--once`, its size when it was opened if that is less.
  var size: UInt64
  /// How far it was read, unfinished lines included.
  var readOffset: UInt64
  /// Whether the bytes before `readOffset` are those that were read; nil if they were not looked at.
  var isUnchangedBefore: Bool?
  /// Whether nothing can be added to it any more: it is compressed, and was met to its end.
  var hasEnded = false
  /// Whether a followed name leads to it.
  var isNamed = true
  /// Whether it was deleted: no name on the disk is left.
  var isDeleted = false
  /// Whether the file that has its name now has bytes.
  var successorHasBytes = false
  /// For how long nothing was added to it.
  var quietFor = Duration.zero
  /// Whether nothing is waited for (`--once`).
  var isOnce = false
}

/// What to do with a followed file: a table from what was seen.
enum FileDecision: Equatable, Sendable {
  /// How long a file that was rotated away must be quiet before its unfinished line is given out: writers that
  /// hold it open (logrotate's `delaycompress`, a service that was told to reopen) have had their time then.
  static let quietLimit = Duration.seconds(5)

  /// Why a file begins again at its first byte.
  enum Restart: Equatable, Sendable {
    /// It is shorter than what was read of it.
    case truncated
    /// Other bytes are where those were that were read.
    case rewritten
  }

  /// Read on.
  case read
  /// It is another generation now.
  case startAnew(Restart)
  /// Nothing to do until something happens.
  case wait
  /// Nothing to do until something happens, or for this long.
  case waitQuiet(Duration)
  /// Give out the unfinished line; its life is over.
  case end

  init(_ sight: FileSight) {
    if sight.size < sight.readOffset {
      self = sight.isOnce ? .end : .startAnew(.truncated)
    } else if sight.isUnchangedBefore == false {
      self = sight.isOnce ? .end : .startAnew(.rewritten)
    } else if sight.size > sight.readOffset {
      self = .read
    } else if sight.isOnce {
      self = .end
    } else if sight.isNamed {
      self = .wait
    } else if sight.hasEnded {
      self = .end
    } else if !sight.isDeleted && !sight.successorHasBytes {
      self = .wait
    } else {
      self = sight.quietFor >= Self.quietLimit ? .end : .waitQuiet(Self.quietLimit - sight.quietFor)
    }
  }
}
