import ArgumentParser
import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts

/// One case that is decided again: its drift, and whose it is.
struct ReplayedCase {
  private let drift: LocalDrift
  private let subject: FuzzSubject
  private let layer: LayerKind
  private let input: CheckedCase
  /// The numbers of times that another engine was asked in all, and that it failed.
  private var (replays, failed) = (1, 0)

  /// Decides the case of `line`, which must be of one of `layers`.
  ///
  /// - Throws: `BadInput` where the line is no such case, or nothing is proved of its layer.
  init(_ line: String, of layers: [LayerKind], _ subject: FuzzSubject) throws {
    self.subject = subject
    do {
      let source = try CaseLine.parse(line)
      guard layers.contains(source.layer) else {
        throw BadInput(
          message: "--replay: the line is a case of \(source.layer.rawValue), not of "
            + layers.map(\.rawValue).joined(separator: ", "))
      }
      let input = try CheckedCase(subject.arithmetic.prepared(source))
      if let refusal = subject.refusal(of: input.source.layer) { throw BadInput(message: refusal) }
      (layer, self.input) = (input.source.layer, input)
      var drift = try subject.judge(input)
      if drift.verdict == .outside { failed = 1 }
      if let command = subject.command {
        let again = try command.aside {
          try Rehearsal(command) {
            let other = try subject.judge(input)
            // What fails once has failed, whatever it answers at other times.
            if drift.verdict != .outside && other.verdict == .outside { drift = other }
            return other.failure
          }.again()
        }
        (replays, failed) = (replays + again.times, failed + again.failed)
      }
      self.drift = drift
    } catch let error as BadInput {
      throw error
    } catch {
      throw BadInput(message: "--replay: \(error)")
    }
  }

  private var report: CaseReport {
    CaseReport(
      layer: layer.rawValue, engine: subject.command?.command, arithmetic: subject.arithmetic.description, drift: drift,
      replays: replays, failed: failed)
  }

  /// Whether no element was held against a bound.
  private var claimsNothing: Bool { drift.worst == nil && drift.problem == nil }

  /// Prints what was found; exit status 1 where it is outside, and where nothing is claimed of any element.
  func show(json: Bool, witness: Bool) throws {
    if json { try printJSON(report) } else { show() }
    if witness {
      let answer = try LayerAnswer(input, in: subject.arithmetic)
      for line in answer.witnessLines(of: input) { StandardOutput.print("witness    \(line)") }
    }
    if drift.verdict == .outside || claimsNothing { throw ExitCode(1) }
  }

  private func show() {
    if let command = subject.command?.command { StandardOutput.print("engine     \(command)") }
    if subject.arithmetic != .engine {
      let lines = WrappedText.lines("\(subject.arithmetic): \(subject.arithmetic.summary)", lead: "arithmetic ")
      for line in lines { StandardOutput.print(line) }
    }
    StandardOutput.print("verdict    \(drift.verdict.rawValue)")
    if failed > 0 && failed < replays {
      let reason = "the engine is not deterministic, or keeps state between requests"
      StandardOutput.print("replayed   \(replays) times, failed \(failed): \(reason)")
    } else if subject.command != nil {
      StandardOutput.print("replayed   \(replays) times, failed \(failed)")
    }
    if let problem = drift.problem { return StandardOutput.print("problem    \(problem)") }
    if drift.undecided > 0 {
      let reason = "no precision tells on which side of the bound they lie"
      StandardOutput.print("undecided  \(drift.undecided) elements: \(reason)")
    }
    if claimsNothing { return StandardOutput.print("claimed    of no element: it shows nothing") }
    if let text = drift.failureText { StandardOutput.print("failure    \(text)") }
    StandardOutput.print("margin     \(ReportText.short(drift.margin))")
    StandardOutput.print("max ulps   \(ReportText.short(drift.worstUlps))")
    if let worst = drift.worst {
      StandardOutput.print("element    \(worst.index)")
      StandardOutput.print("engine     \(worst.engine)")
      StandardOutput.print("exact      \(worst.lower) to \(worst.upper)")
      StandardOutput.print("bound      \(ReportText.short(drift.bound))")
    }
    if drift.verdict == .outside, let condition {
      for line in WrappedText.lines(condition.text) { StandardOutput.print(line) }
    }
  }

  private var condition: ProofCondition? {
    ProofCondition(
      outside: [layer], arithmetic: subject.arithmetic.description,
      isOwn: subject.command == nil && subject.arithmetic == .engine)
  }
}
