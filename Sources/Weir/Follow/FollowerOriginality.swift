import Coroutines
import SystemPackage

/// Telling copies that a rotation makes from files of their own.
extension Follower {
  /// How a file that appeared relates to those that are followed beside it.
  func originality(of file: FollowedFile, _ descriptor: Descriptor) async -> FollowedFile.Originality {
    guard let name = file.path.lastComponent?.string else { return .original }
    var verdict = FollowedFile.Originality.original
    for other in files.values {
      let isOriginal = other.names.contains { path in
        guard path.removingLastComponent() == file.path.removingLastComponent(), path != file.path else { return false }
        return path.lastComponent.map { name.hasPrefix($0.string) } ?? false
      }
      guard isOriginal else { continue }
      for reader in other.readers {
        switch await reader.originality(of: descriptor) {
        case .copy: return .copy
        case .undecided: verdict = .undecided
        case .original: break
        }
      }
    }
    return verdict
  }
}
