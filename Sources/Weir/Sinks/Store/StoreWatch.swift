import CLinux
import Coroutines
import SystemPackage

/// Tells when a database may have been removed or replaced.
///
/// It watches the file itself for the loss of its name, and the folders that lead to it for theirs. So it costs nothing
/// while nothing of that happens: what is written to the database, and what others do in its folder, wakes nobody.
/// Owner: one routine; not shared.
package final class StoreWatch {
  private static let fileFlags = IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF
  private static let folderFlags = IN_MOVE_SELF | IN_DELETE_SELF | Int32(IN_ONLYDIR)

  private let path: FilePath
  private let events: any FileEvents
  private var numbers: Set<Int32> = []

  /// - Parameter path: absolute, without symbolic links.
  init(_ path: FilePath, by events: any FileEvents) {
    self.path = path
    self.events = events
  }

  /// Watches what is at the path now. What is not there is not watched.
  func arm() throws(SystemError) {
    var now = Set(try [watch(path, for: Self.fileFlags)].compactMap(\.self))
    var folder = path
    while folder.removeLastComponent() {
      if let number = try watch(folder, for: Self.folderFlags) { now.insert(number) }
    }
    for number in numbers.subtracting(now) { events.unwatch(number) }
    numbers = now
  }

  /// Returns when it is worth a look whether the file is still there.
  func change(on scheduler: Scheduler) async throws {
    while true {
      try await events.wait(on: scheduler)
      if try events.events().contains(where: concerns) { return }
    }
  }

  private func concerns(_ event: FileEvent) -> Bool {
    if event.has(IN_Q_OVERFLOW) { return true }
    return numbers.contains(event.watch) && event.has(Self.fileFlags | IN_UNMOUNT)
  }

  private func watch(_ path: FilePath, for flags: Int32) throws(SystemError) -> Int32? {
    do throws(SystemError) {
      return try events.watch(path, for: flags)
    } catch {
      if error.isAbsence { return nil }
      throw error
    }
  }
}
