public import PlumbModel
public import PlumbVerdicts

/// The engine whose cases a run decides, with the arithmetic of its bounds.
public enum FuzzSubject: Sendable {
  /// This engine, held to the bounds of an arithmetic.
  case engine(Arithmetic)
  /// Another engine, held to the bounds of its own arithmetic.
  case command(EngineCommand)

  /// The arithmetic of the bounds.
  public var arithmetic: Arithmetic {
    switch self {
    case .engine(let arithmetic): arithmetic
    case .command(let command): command.arithmetic
    }
  }

  /// The other engine; `nil` for this one.
  public var command: EngineCommand? {
    if case .command(let command) = self { command } else { nil }
  }

  /// The drift of the output for `input`, the case `number` of a run, by the exact path.
  ///
  /// - Throws: as `EngineCommand.judge`.
  public func judge(_ input: CheckedCase, number: Int? = nil) throws -> LocalDrift {
    try arithmetic.judge(input, answer: try answer(input, number: number))
  }

  /// The output for `input`, the case `number` of a run.
  func answer(_ input: CheckedCase, number: Int?) throws -> EngineAnswer {
    switch self {
    case .engine: .output(Catalogue.engine(input))
    case .command(let command): try command.answer(input, number: number)
    }
  }
}

/// An engine's answer to a case.
enum EngineAnswer {
  case output(Activation<Float>)
  /// No output that can be measured.
  case failure(EngineFailure)
}

extension Arithmetic {
  /// Holds `answer`, computed in this arithmetic, against what the layer must compute on `input`: *outside* without an output.
  func judge(_ input: CheckedCase, answer: EngineAnswer) throws -> LocalDrift {
    switch answer {
    case .output(let output): try judge(input, output: output)
    case .failure(let failure): LocalDrift(unmeasured: failure.description)
    }
  }

  /// Holds `output`, computed in this arithmetic, against what the layer must compute on `input`.
  ///
  /// *Edge cases*: of a case with an attribute of which nothing is proved in it, nothing is claimed.
  /// - Throws: `DriftError` where no precision decides.
  public func judge(_ input: CheckedCase, output: Activation<Float>) throws -> LocalDrift {
    switch self {
    case .engine: return Catalogue.judge(input, output: output)
    case .model(let model):
      guard Catalogue.isProved(input, in: model) else { return LocalDrift(nothingClaimedOf: output) }
      return try Catalogue.judge(input, output: output, in: model)
    }
  }

  /// The case as an engine in this arithmetic can be given it: its tensors rounded to the format that they are stored in.
  public func prepared(_ input: LayerCase) -> LayerCase {
    if case .model(let model) = self { input.representable(in: model.storage) } else { input }
  }
}
