import ArgumentParser
import Foundation

/// The command: arguments in, text out.
@main
struct Plumb: ParsableCommand {
  /// The version of the command, which reports name.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "plumb",
    abstract:
      "Computes a transformer exactly beside its Float32 engine, and proves whether rounding explains the drift.",
    discussion: """
      Exit status: 0 when everything is within its bound, 1 when something is outside or failed, 2 for a usage error \
      or bad input.
      """,
    version: version,
    subcommands: [
      DriftCommand.self, CertifyCommand.self, GradeCommand.self, DiagnoseCommand.self, RunCommand.self,
      PerplexityCommand.self,
      FuzzCommand.self, MergeCommand.self, MutantsCommand.self, LayerCommand.self, GoldenCommand.self,
      ExhaustCommand.self, InspectCommand.self, MeasureCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as ExitCode {
      Foundation.exit(error.rawValue)
    } catch let error as BadInput {
      StandardError.write("plumb: \(error.message)\n")
      Foundation.exit(2)
    } catch {
      // Help and version are thrown too, and succeed; every other error of the parser is a usage error.
      guard exitCode(for: error) != .success else { exit(withError: error) }
      StandardError.write(fullMessage(for: error) + "\n")
      Foundation.exit(2)
    }
  }
}

/// An input that the command cannot work on; the message is one line for the person who must act.
struct BadInput: Error {
  let message: String
}

/// The standard error stream.
enum StandardError {
  /// Whether a person watches.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes `text` at once.
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// The standard output stream, unbuffered: text appears as it is made.
enum StandardOutput {
  /// Whether colours are wanted: on a terminal that knows them, unless `NO_COLOR` says no (https://no-color.org).
  static var isColoured: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb" && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Writes `text` at once.
  static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
