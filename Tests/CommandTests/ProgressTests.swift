import Foundation
import Testing

/// The sight of a person who waits: never nothing for long, never more than can be read, never more than fits.
@Suite struct ProgressTests {
  @Test(arguments: [UInt16(0), 40]) func progressIsReadable(columns: UInt16) throws {
    let command = try WatchedCommand(
      ["exhaust", "relu", "--range", "1...16"], interruptedAt: nil, columns: columns)
    #expect(command.status == 0 && command.output.contains("relu"))
    // A terminal that does not say how wide it is has 80 columns; the last one would break the line.
    #expect(command.progress.allSatisfy { $0.count < (columns == 0 ? 80 : Int(columns)) }, "\(command.progress)")
    let writes = command.errors.count { $0 == "\r" }
    #expect(Double(writes) <= 10 * (command.duration / .seconds(1)) + 3, "\(writes) in \(command.duration)")
    #expect(command.progress.contains { $0.contains("relu") && $0.contains("%") })
    // Nothing of it is left.
    #expect(command.errors.hasSuffix("\r"))
  }

  /// A prompt that nobody writes is waited for, however fast the machine is.
  @Test func workThatSaysNothingIsSeenToGoOn() throws {
    let pipe = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path()
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    let command = try WatchedCommand(["run", "--prompt-file", pipe], interruptedAt: "working, ")
    // A busy machine may count no second twice, and leave one out.
    #expect(command.progress.contains { $0.hasPrefix("working, ") && $0.hasSuffix(" s") })
  }
}
