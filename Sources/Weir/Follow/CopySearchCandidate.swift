import Coroutines
import SystemPackage

extension CopySearch {
  /// A file that may be the one that is sought.
  struct Candidate {
    let file: RotatedFile
    let place: RotatedPlace

    var path: FilePath { place.path }
    var status: FileStatus { place.status }

    /// Whether a rotation compressed it after a checkpoint was set: it has an inode that was free again. To what is
    /// compressed nobody writes.
    func isCompressed(after checkpoint: Checkpoint) -> Bool {
      file.isCompressed && status.modifiedAt.wholeMilliseconds > checkpoint.readAtMilliseconds
    }
  }
}
