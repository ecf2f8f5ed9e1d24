import ArgumentParser
import PlumbFuzzing
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The engine whose outputs are decided, and the arithmetic of the bounds.
struct EngineArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Another engine: a command for /bin/sh, started once, that reads requests and writes replies; page YourKernel of "
        + "the documentation has the protocol.", valueName: "command"))
  var engine: String?

  @Option(
    help: ArgumentHelp(
      "The arithmetic of the bounds (default: engine for this engine, f32 for another): engine, \(ArithmeticModel.shortGrammar).",
      valueName: "model"), completion: Completions.arithmeticOrEngine)
  var arithmetic: String?

  @Option(
    help: ArgumentHelp("The most seconds that another engine has for one reply (default: 10).", valueName: "seconds"))
  var engineTimeout: Double?

  func validate() throws {
    if let engine, engine.allSatisfy(\.isWhitespace) { throw ValidationError("'--engine' must be a command.") }
    if let engineTimeout {
      guard engine != nil else { throw ValidationError("'--engine-timeout' is for '--engine', which is missing.") }
      guard engineTimeout > 0, engineTimeout <= 86_400 else {
        throw ValidationError("'--engine-timeout' must be a positive number of seconds, at most 86400.")
      }
    }
    if let arithmetic {
      do throws(ArithmeticError) {
        _ = try Arithmetic(parsing: arithmetic)
      } catch {
        throw ValidationError("'--arithmetic': \(error.problem).")
      }
    }
  }

  /// The arithmetic of the bounds.
  private var chosen: Arithmetic {
    arithmetic.flatMap { try? Arithmetic(parsing: $0) } ?? (engine == nil ? .engine : .model(.f32))
  }

  /// The engine whose cases are decided.
  func subject() -> FuzzSubject {
    guard let engine else { return .engine(chosen) }
    let limit = engineTimeout.map { Duration.seconds($0) } ?? EngineCommand.usualTimeLimit
    return .command(EngineCommand(engine, arithmetic: chosen, timeLimit: limit))
  }
}

extension FuzzSubject {
  /// The limits of shrinking failures, for so many `seconds` where they are given: another engine may take long for each of
  /// them.
  func shrinking(seconds: Double?) -> FuzzRun.ShrinkingLimits {
    FuzzRun.ShrinkingLimits(
      cases: command == nil ? 1000 : 300, time: .seconds(seconds ?? (command == nil ? 60 : 30)))
  }

  /// The `layers` of which something is proved; the others are named on the standard error stream.
  ///
  /// - Throws: `BadInput` where there is only one, and nothing is proved of it.
  func provable(_ layers: [LayerKind]) throws -> [LayerKind] {
    try layers.filter { layer in
      guard let refusal = refusal(of: layer) else { return true }
      if layers.count == 1 { throw BadInput(message: refusal) }
      for line in WrappedText.lines("left out, \(refusal)", lead: "plumb: ") { StandardError.write(line + "\n") }
      return false
    }
  }

  /// The reason why no case of `layer` can be decided; `nil` where one can.
  func refusal(of layer: LayerKind) -> String? {
    guard case .model(let model) = arithmetic, let part = Catalogue.missingPart(of: layer, in: model) else {
      return nil
    }
    if Catalogue.isModelled(layer) { return "\(layer.rawValue): \(part)" }
    return "\(layer.rawValue): nothing is proved of it in the arithmetic '\(arithmetic)', only in this engine's own: "
      + "add '--arithmetic engine'"
  }
}
