import Coroutines
import Glibc
import Logging

/// Prints lines: what is delivered at once is rendered into one page, the page is written in one go.
///
/// It lives on the scheduler's thread; only a write that has to wait happens elsewhere (``Output``). Deliveries are
/// taken when their last byte was taken by the system.
actor Printer: Sink {
  /// Memory that a page keeps between deliveries: what the batches of a busy file need.
  static let keptPageBytesLimit = 1 << 20
  /// The first pause before an output that took nothing is tried again; each further pause is twice as long.
  static let firstPause = Duration.milliseconds(100)
  /// The longest pause.
  static let longestPause = Duration.seconds(10)

  private let recipe: PrinterRecipe
  private let name: String
  private let scheduler: Scheduler
  private let log: Logger
  private let output: Output
  private let isOneOff: Bool
  private let look: Rendering.Look
  private var rendering: Rendering?
  private var page = Page()
  private var isRetrying = false

  /// - Parameter isOneOff: whether a disk that is full is not waited for, as in a run that ends by itself.
  init(
    recipe: PrinterRecipe, name: String, scheduler: Scheduler, log: Logger, output: Output, isOneOff: Bool = false
  ) {
    self.isOneOff = isOneOff
    self.recipe = recipe
    self.name = name
    self.scheduler = scheduler
    self.log = log
    self.output = output
    look = Rendering.Look(
      isTerminal: output.isTerminal,
      hasColor: Terminal.colors(recipe.color, isTerminal: output.isTerminal, environment: Terminal.environment),
      prefixesPath: recipe.prefixesPath)
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor { scheduler.asUnownedSerialExecutor() }

  func open(for pipelines: [PipelineLabel]) async throws {
    if let fault = output.fault {
      throw Failure("cannot write to \(output.name)", cause: String(cString: strerror(fault)))
    }
    guard case .template(let template) = recipe.format else { return }
    let fields = pipelines.flatMap(\.fields).map(PrintTemplate.placeholder(forField:))
    guard let unknown = template.fieldNames.first(where: { !fields.contains($0) }) else { return }
    var known: [String] = []
    for name in PrintTemplate.Column.allCases.map(\.rawValue) + fields where !known.contains(name) {
      known.append(name)
    }
    throw Failure(
      "unknown placeholder {\(unknown)} in the format of \(name)",
      help: "there are \(known.map { "{\($0)}" }.joined(separator: " "))")
  }

  /// None of its own: what is printed is not remembered here.
  func checkpoints(of pipelines: [PipelineLabel]) async throws -> [[Checkpoint]]? { nil }

  /// - Throws: ``OutputClosed`` when nobody reads the output any more; ``Failure`` when it can never be written to.
  func receive(_ inbox: Inbox<[Delivery]>) async throws {
    let watch = watchReader { inbox.interrupt(with: OutputClosed()) }
    defer { watch?.cancel() }
    for try await deliveries in inbox {
      for delivery in deliveries where !delivery.selection.lines.isEmpty { render(delivery) }
      if page.bytes.isEmpty { continue }
      try await writePage()
      CrashPoint.reached("printer.after_write")
      page.clear(keepingUpTo: Self.keptPageBytesLimit)
    }
  }

  /// Notices that a pipe's reader went away also while there is nothing to print: `weir follow x | head` ends.
  private func watchReader(_ isGone: @escaping @Sendable () -> Void) -> Routine<Void>? {
    guard output.isPipe else { return nil }
    let watch = scheduler.spawn(name: "\(name): its reader") { [output, scheduler] in
      try await output.readerGone(on: scheduler)
    }
    watch.whenDone { if case .success = $0 { isGone() } }
    return watch
  }

  private func render(_ delivery: Delivery) {
    if rendering?.label !== delivery.pipeline {
      rendering = Rendering(format: recipe.format, look: look, label: delivery.pipeline)
    }
    rendering?.append(delivery, to: &page)
  }

  /// Writes the page; keeps what the system does not take and tries again, no byte twice.
  private func writePage() async throws {
    var writtenByteCount = 0
    var pause = Self.firstPause
    while true {
      let progress = try await output.write(page.bytes, after: writtenByteCount)
      writtenByteCount += progress.writtenByteCount
      guard let fault = progress.fault else { break }
      switch WriteVerdict(fault: fault, isTerminal: output.isTerminal, isOneOff: isOneOff) {
      case .closed: throw OutputClosed()
      case .fail: throw Failure("cannot write to \(output.name)", cause: String(cString: strerror(fault)))
      case .retry: sayRetrying(fault)
      }
      if progress.writtenByteCount > 0 { pause = Self.firstPause }
      try await scheduler.sleep(for: pause)
      pause = min(pause * 2, Self.longestPause)
    }
    guard isRetrying else { return }
    isRetrying = false
    log.notice("\(name): \(output.name) takes lines again; nothing was lost")
  }

  private func sayRetrying(_ fault: Int32) {
    guard !isRetrying else { return }
    isRetrying = true
    log.error(
      "\(name): cannot write to \(output.name): \(String(cString: strerror(fault))); the lines are kept and tried again"
    )
  }
}
