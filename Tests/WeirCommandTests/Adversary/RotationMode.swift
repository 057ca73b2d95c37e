/// A way in which logrotate rotates, and what the writer does about it.
enum RotationMode: String, CaseIterable, Sendable {
  case create, nocreate, delaycompress, compress, dateext, olddir, copytruncate
  case copytruncateCompress = "copytruncate+compress"

  /// What stands in logrotate's config beside what all modes have.
  var directives: [String] {
    switch self {
    case .create: ["create"]
    case .nocreate: ["nocreate"]
    case .delaycompress: ["create", "compress", "delaycompress"]
    case .compress: ["create", "compress"]
    case .dateext: ["create", "dateext", "dateformat -%Y%m%d-%s"]
    case .olddir: ["create", "olddir old"]
    case .copytruncate: ["copytruncate"]
    case .copytruncateCompress: ["copytruncate", "compress"]
    }
  }

  /// Whether the file stays and is emptied: what is written between the copy and the cut is lost by logrotate itself.
  var isCopied: Bool { self == .copytruncate || self == .copytruncateCompress }

  /// Whether a writer may go on in the old file; one that is compressed is deleted then.
  var allowsLateWriter: Bool { !isCopied && self != .compress }

  /// Whether a late writer has to be done with a file before the next rotation begins, which compresses it.
  var endsLateWriter: Bool { self == .delaycompress }

  /// Between two rotations, at least: a date has seconds.
  var shortestInterval: Duration { self == .dateext ? .milliseconds(1100) : .zero }

  /// logrotate's config for `app.log` in a folder. After a rotation the writer is asked to open its file again, and
  /// waited for, as a daemon is that was sent a signal.
  func config(in folder: Scratch) -> String {
    let asking = """
       postrotate
        echo > \(folder.file("asked"))
        read answer < \(folder.file("answered"))
       endscript

      """
    return """
      \(folder.file("app.log")) {
       rotate 1000
       missingok
       \(directives.joined(separator: "\n "))
      \(isCopied ? "" : asking)}

      """
  }
}
