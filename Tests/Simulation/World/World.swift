import Coroutines
import Logging
import SystemPackage

@testable import Weir

/// A machine with logs that are written and rotated, an agent that is killed and started again, and someone who knows
/// what was written: one seed is one history.
final class World: @unchecked Sendable {
  let seed: UInt64
  var random: Random
  let scheduler: Scheduler
  let clock: VirtualClock
  let trace: Trace
  let oracle: Oracle
  let tree: FileTree
  let databases: Databases
  let setting: Setting
  private(set) var streams: [LogStream] = []
  private(set) var actors: [Actor] = []
  private(set) var troubles: [Trouble] = []
  var life: Life?
  /// What the printers of all lives printed.
  var printed: [String] = []
  /// When the folder of the logs was closed last, and then no more.
  var folderOpenedAt: Duration?
  /// Whether a life ended without having written down how far it was.
  var hasKilled = false
  private(set) var variation: Variation
  /// When the pipeline got another name, until that is taken.
  private var renamedAt: Duration?
  /// What the agent said it did.
  var figures: Figures?
  /// What no life of the agent should have logged.
  var complaints: [String] = []
  private var lastNumber = 0
  private var isCalling = false

  /// - Parameter faults: those that it has; nil: drawn.
  init(seed: UInt64, faults: [Fault]? = nil, isTraced: Bool = false) throws {
    self.seed = seed
    random = Random(seed: seed)
    let clock = VirtualClock(wall: .seconds(1_800_000_000))
    self.clock = clock
    scheduler = Scheduler(clock: clock, seed: seed, isAlone: true)
    trace = Trace(isOn: isTraced) { clock.now }
    oracle = Oracle(trace: trace)
    tree = FileTree(clock: clock)
    databases = Databases(seed: seed)
    var setting = Setting.draw(&random)
    if let faults { setting.faults = faults }
    self.setting = setting
    variation = Variation(setting)
    oracle.isAgentUp = { [unowned self] in life != nil }
    oracle.isFolderClosed = { [unowned self] in isFolderClosed }
    oracle.hasFewDescriptors = setting.has(.descriptors)
    tree.onLoss = { [oracle] in oracle.noteLoss(of: $0, $1) }
    try tree.make(.folder, at: "/logs")
    for index in 0..<setting.streamCount {
      let rotation = Rotation.draw(&random, allowing: setting.rotations)
      streams.append(LogStream(FilePath("/logs/app\(index).log"), in: self, rotation: rotation))
    }
    troubles = try makeTroubles()
    trace.note("\(setting)")
  }

  // MARK: What is written

  func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// A line that no other equals, nor by its last bytes.
  func makeText(filler byteCount: Int) -> String {
    let count = random.number(0...byteCount)
    let number = nextNumber()
    let filler = String(repeating: "x\(number)", count: count).prefix(count)
    return "#\(number) \(random.once(in: 3) ? "skip" : "keep") \(filler)"
  }

  static func isKept(_ text: String) -> Bool { text.contains(" keep ") }

  func later(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
    scheduler.spawn(name: "later", after: delay) { body() }
  }

  /// Somebody edits the config.
  func vary() {
    let name = variation.name
    variation.vary(&random)
    if variation.name != name, renamedAt == nil { renamedAt = clock.now }
    trace.note("the config is now: \(variation)")
  }

  /// While a pipeline has its former name no more and its new one not yet, nobody follows: what goes in that time, and
  /// what was opened just before and is not known to any checkpoint, is as if the agent had not run.
  func noteTaken() {
    guard let renamedAt else { return }
    oracle.excuseLosses(since: renamedAt - setting.memorySpan, isMute: true)
    oracle.forgetOpened(since: renamedAt - setting.memorySpan)
    self.renamedAt = nil
  }

  /// The history is over: those who acted hold the world no more.
  func dissolve() {
    streams = []
    actors = []
    troubles = []
    life = nil
  }

  // MARK: Time

  /// Someone who acts while the agent is at work, and in the middle of its system calls.
  func addActor(_ actor: Actor) {
    actors.append(actor)
  }

  /// Before each system call of the agent: now and then others are faster.
  func interrupt(_ call: String) {
    let oneIn = call == "pread of the rest" ? 2 : setting.interrupts
    guard !isCalling, oneIn > 0, random.once(in: oneIn) else { return }
    isCalling = true
    defer { isCalling = false }
    guard let actor = actors.filter(\.hasSteps).randomElement(using: &random) else { return }
    trace.note("\(actor.name) acts before \(call)")
    do { try actor.doStep() } catch { complaints.append("\(actor.name): \(error)") }
  }
}
