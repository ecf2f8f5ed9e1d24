import Foundation
import Testing

/// Output that cannot be printed: one line on the standard error stream and exit status 2, whatever the command.
@Suite struct StandardStreamTests {
  /// A quick call of every command that prints.
  static let calls = [
    "--help", "--version", "drift --tokens 80,108", "drift --tokens 80 --json", "drift --tokens 80 --local-only",
    "certify --tokens 80 --digits 2", "run --prompt ab --tokens-to-generate 4",
    "run --prompt ab --tokens-to-generate 4 --json", "run --prompt a --prompt b --tokens-to-generate 2",
    "perplexity shipped <(echo Plumb)", "fuzz relu --cases 8", "fuzz silu --replay 'silu x=[1x1]:0x1p+0'",
    "mutants residual-add --cases 2", "layer --list", "golden show softmax", "golden diff Golden Golden",
    "exhaust exp --range 1...1.0001", "inspect", "inspect --json",
  ]

  @Test(arguments: calls) func aFullDiskIsNoSuccess(call: String) throws {
    let command = try Command(shell: "\"$plumb\" \(call) >/dev/full")
    #expect(command.status == 2, "\(command.errors)")
    let complaints = command.errors.split(separator: "\n").filter { $0.contains("standard output") }
    #expect(complaints.count == 1 && complaints[0].contains("No space left"), "\(command.errors)")
  }

  @Test(arguments: ["drift --tokens 80,108", "run --prompt ab", "--help"])
  func aClosedStandardOutputIsRefusedBeforeTheWork(call: String) throws {
    let command = try Command(shell: "\"$plumb\" \(call) >&-")
    #expect(command.status == 2)
    #expect(command.errors.split(separator: "\n").count == 1 && command.errors.contains("closed"), "\(command.errors)")
  }

  /// The standard error stream is nobody's to read then, and the results are as ever.
  @Test(arguments: calls) func aClosedStandardErrorStreamIsNoTrap(call: String) throws {
    let (closed, open) = (
      try Command(shell: "\"$plumb\" \(call) 2>&-"), try Command(shell: "\"$plumb\" \(call) 2>/dev/null")
    )
    #expect(closed.status == open.status && closed.output.isEmpty == open.output.isEmpty)
    let wrong = try Command(shell: "\"$plumb\" drift --no-such-option 2>&-")
    #expect(wrong.status == 2 && wrong.output.isEmpty)
  }

  /// By SIGPIPE, as every filter does, and soon: the text asked for would take far longer.
  @Test func aReaderThatHasEnoughEndsTheCommandQuietly() throws {
    let command = try Command(
      shell: "set -o pipefail; \"$plumb\" run --prompt ab --tokens-to-generate 500 | head -c 1 | wc -c")
    #expect(command.status == 128 + SIGPIPE && command.output.contains("1"))
    #expect(!command.errors.contains("standard output"), "\(command.errors)")
    // Whoever starts it with SIGPIPE ignored wants an error instead.
    let ignoring = try Command(
      shell: "trap '' PIPE; set -o pipefail; \"$plumb\" run --prompt ab --tokens-to-generate 500 | head -c 1 | wc -c")
    #expect(ignoring.status == 2 && ignoring.errors.contains("Broken pipe"), "\(ignoring.errors)")
  }
}
