/// Blocking work on its way through a queue of jobs, and the one who awaits it.
final class OffloadedWork<Value: Sendable>: Sendable {
  private typealias Awaiter = CheckedContinuation<Value, any Error>

  private enum Phase {
    case new
    case inLine(Awaiter)
    case begun(Awaiter)
    case over
  }

  private let phase = Locked(Phase.new)
  private let body: @Sendable () throws -> Value
  private let stop: (@Sendable () -> Void)?

  init(_ body: @escaping @Sendable () throws -> Value, _ stop: (@Sendable () -> Void)?) {
    self.body = body
    self.stop = stop
  }

  func run(in jobs: JobQueue) async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { awaiter in
        let isWanted = phase.withLock { phase in
          guard case .new = phase else { return false }
          phase = .inLine(awaiter)
          return true
        }
        if isWanted { jobs.append { self.perform() } } else { awaiter.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      cancel()
    }
  }

  private func perform() {
    let awaiter = phase.withLock { phase -> Awaiter? in
      guard case .inLine(let awaiter) = phase else { return nil }
      phase = .begun(awaiter)
      return awaiter
    }
    guard let awaiter else { return }
    let result = Result(catching: body)
    phase.withLock { $0 = .over }
    awaiter.resume(with: result)
  }

  private func cancel() {
    let awaiter = phase.withLock { phase -> Awaiter? in
      switch phase {
      case .new:
        phase = .over
        return nil
      case .inLine(let awaiter):
        phase = .over
        return awaiter
      case .begun:
        stop?()  // under the lock: it must not meet the work that the thread does next
        return nil
      case .over: return nil
      }
    }
    awaiter?.resume(throwing: CancellationError())
  }
}
