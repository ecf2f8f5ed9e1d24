import ArgumentParser
import Foundation

/// The command: arguments in, text out.
@main
struct Plumb: ParsableCommand {
  /// The version of the command and the commit from which it is built, which reports name.
  static let version = "0.1.0" + (commit.isEmpty ? "" : " (\(commit))")

  static let configuration = CommandConfiguration(
    commandName: "plumb",
    abstract:
      "Computes a transformer exactly beside its Float32 engine, and proves whether rounding explains the drift.",
    discussion: """
      Exit status: 0 when everything is within its bound, 1 when something is outside or failed, 2 for a usage error, \
      bad input or a result that cannot be written, 130 when interrupted, with the report so far.
      """,
    version: version,
    subcommands: [
      DriftCommand.self, GradientCommand.self, CertifyCommand.self, SimilarityCommand.self, GradeCommand.self,
      DiagnoseCommand.self, CompareCommand.self, RunCommand.self, TrainCommand.self, PerplexityCommand.self,
      FuzzCommand.self, MergeCommand.self, CasesCommand.self, JudgeCommand.self, ProbeCommand.self, MutantsCommand.self,
      LayerCommand.self,
      ToleranceCommand.self, GoldenCommand.self, ExhaustCommand.self, InspectCommand.self, ExplainCommand.self,
      DoctorCommand.self, MeasureCommand.self,
    ])

  /// Runs where no command is named.
  func run() { StandardOutput.print(FirstSteps.text) }

  static func main() {
    do throws(BadInput) {
      try StandardStreams.prepare()
    } catch {
      StandardError.write("plumb: \(error.message)\n")
      Foundation.exit(2)
    }
    ShortenedFile.endTheProcess()
    Interrupt.run { StandardStreams.exitStatus(status()) }
  }

  /// Runs the command that was called, says why it failed where it did, and returns its exit status.
  private static func status() -> Int32 {
    let end = end()
    ProgressLine.finish()
    guard Interrupt.isRequested else {
      if let message = end.message { StandardError.write(message + "\n") }
      return end.status
    }
    // Work that was cut short may end with an error that means no more than that.
    StandardError.write(
      end.interruption
        ?? (StandardOutput.isBegun
          ? "plumb: interrupted; this is the report so far\n"
          : "plumb: interrupted before there was anything to report\n"))
    return Interrupt.exitStatus
  }

  /// The end of a command.
  private struct End {
    var status: Int32
    /// The error.
    var message: String?
    /// The words of an interrupted command about itself.
    var interruption: String?
  }

  private static func end() -> End {
    do {
      var command = try parseAsRoot(try CommandArguments.read())
      if let files = (command as? any FileUsing)?.paths {
        try files.check()
        files.clear()
      }
      try command.run()
      return End(status: 0)
    } catch let error as ExitCode {
      return End(status: error.rawValue)
    } catch let error as Interrupted {
      return End(status: Interrupt.exitStatus, interruption: "plumb: \(error.message)\n")
    } catch let error as BadInput {
      return End(status: 2, message: "plumb: \(error.message)")
    } catch {
      // Help and version are thrown too, and succeed; every other error of the parser is a usage error.
      let message = fullMessage(for: error)
      guard exitCode(for: error) != .success else {
        StandardOutput.print(message)
        return End(status: 0)
      }
      return End(status: 2, message: message)
    }
  }
}

/// An input that the command cannot work on; the message is one line for the person who must act.
struct BadInput: Error {
  let message: String
}
