import Coroutines
import Glibc
import Logging
import Synchronization
import Testing

@testable import Weir

@Suite struct PrinterTests {
  @Test func aFileGetsEveryLineOnce() throws {
    let file = try PrinterFile()
    try PrinterRun(descriptor: file.descriptor).send([
      PrinterSample("one\ntwo\n").delivery(), PrinterSample("no\n").delivery(matching: "yes"),
      PrinterSample("three").delivery(),
    ])
    #expect(file.content == "one\ntwo\nthree\n")
  }

  /// Far more than a pipe holds, read slowly: short writes are gone on with.
  @Test func aSlowPipeGetsEveryByte() throws {
    let pipe = try PrinterPipe()
    let text = String(repeating: String(repeating: "x", count: 998) + "y\n", count: 2000)
    let reading = pipe.readToEnd(atMost: 1000)
    try PrinterRun(descriptor: pipe.writing).send([PrinterSample(text).delivery()])
    pipe.closeWriting()
    #expect(try reading.value() == Array(text.utf8))
  }

  @Test func aNonBlockingPipeIsWaitedFor() throws {
    let pipe = try PrinterPipe()
    #expect(fcntl(pipe.writing, F_SETFL, O_NONBLOCK) == 0)
    let text = String(repeating: "0123456789abcde\n", count: 40_000)
    let reading = pipe.readToEnd(atMost: 7000)
    try PrinterRun(descriptor: pipe.writing).send([PrinterSample(text).delivery()])
    #expect(fcntl(pipe.writing, F_GETFL) & O_NONBLOCK != 0, "the shell's flags are left alone")
    pipe.closeWriting()
    #expect(try reading.value() == Array(text.utf8))
  }

  /// The prompt write takes what fits and leaves the pipe's own flags alone, so the waiting write still waits.
  @Test func aPromptWriteNeverWaits() throws {
    let pipe = try PrinterPipe()
    let bytes = [UInt8](repeating: 7, count: 1 << 20)
    let count = bytes.withUnsafeBytes { PromptWriter(pipe.writing).write($0) }
    #expect(count > 0 && count < bytes.count)
    #expect(fcntl(pipe.writing, F_GETFL) & O_NONBLOCK == 0)
    let file = try PrinterFile()
    #expect(bytes.withUnsafeBytes { PromptWriter(file.descriptor).write($0) } == bytes.count)
  }

  @Test func aSocketGetsEveryByteAndMayClose() throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let text = String(repeating: "0123456789abcde\n", count: 100_000)
    let reading = PrinterPipe.Reading(descriptor: ends[0], atMost: 5000)
    try PrinterRun(descriptor: ends[1]).send([PrinterSample(text).delivery()])
    shutdown(ends[1], Int32(SHUT_WR))
    #expect(try reading.value() == Array(text.utf8))
    close(ends[0])
    #expect(throws: OutputClosed.self) {
      try PrinterRun(descriptor: ends[1]).send([PrinterSample("x\n").delivery()])
    }
    close(ends[1])
  }

  @Test func aClosedPipeEndsItQuietly() throws {
    let pipe = try PrinterPipe()
    pipe.closeReading()
    #expect(throws: OutputClosed.self) {
      try PrinterRun(descriptor: pipe.writing).send([PrinterSample("x\n").delivery()])
    }
  }

  @Test func aDescriptorThatCannotBeWrittenIsRefusedAtOpen() throws {
    let pipe = try PrinterPipe()
    let failure = #expect(throws: Failure.self) { try PrinterRun(descriptor: pipe.reading).send([]) }
    #expect(failure?.description == "cannot write to standard output: Bad file descriptor")
    #expect(throws: Failure.self) { try PrinterRun(descriptor: -1).send([]) }
  }

  @Test func anUnknownPlaceholderIsRefusedAtOpen() throws {
    let recipe = PrinterRecipe(format: try PrintFormat(reading: "{line} {usr}"))
    var sample = PrinterSample("x\n")
    sample.label = PipelineLabel(name: "ssh", fields: ["user", "line"])
    let file = try PrinterFile()
    let failure = #expect(throws: Failure.self) {
      try PrinterRun(recipe: recipe, descriptor: file.descriptor).send([sample.delivery()])
    }
    #expect(
      failure?.description == "unknown placeholder {usr} in the format of console; "
        + "there are {time} {pipeline} {path} {offset} {line} {truncated} {user} {line_}")
    #expect(file.content == "")
  }

  @Test func oneSinkOfTwoPipelinesKeepsThemApart() throws {
    let recipe = PrinterRecipe(format: try PrintFormat(reading: "{pipeline} {user} {ip}"))
    var first = PrinterSample("amy\n")
    first.label = PipelineLabel(name: "first", fields: ["user"])
    var second = PrinterSample("1.2.3.4\n")
    second.label = PipelineLabel(name: "second", fields: ["ip"])
    let file = try PrinterFile()
    try PrinterRun(recipe: recipe, descriptor: file.descriptor).send([
      first.delivery(matching: "amy"), second.delivery(matching: "1.2.3.4"), first.delivery(matching: "amy"),
    ])
    #expect(file.content == "first amy \nsecond  1.2.3.4\nfirst amy \n")
  }

  @Test func verdicts() {
    #expect(verdict(EPIPE) == .closed)
    #expect(verdict(EIO, isTerminal: true) == .closed)
    #expect(verdict(EIO) == .retry)
    for fault in [ENOSPC, EDQUOT, EFBIG, ENOMEM] { #expect(verdict(fault) == .retry) }
    #expect(verdict(EBADF) == .fail)
    #expect(verdict(ENOSPC, isOneOff: true) == .fail)
    #expect(verdict(EPIPE, isOneOff: true) == .closed)
  }

  private func verdict(_ fault: Int32, isTerminal: Bool = false, isOneOff: Bool = false) -> WriteVerdict {
    WriteVerdict(fault: fault, isTerminal: isTerminal, isOneOff: isOneOff)
  }
}
