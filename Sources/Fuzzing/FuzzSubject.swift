import PlumbCases
import PlumbModel
import PlumbVerdicts

/// The engine whose cases a run decides, with the arithmetic of its bounds.
package enum FuzzSubject: Sendable {
  /// This engine, held to the bounds of an arithmetic.
  case engine(Arithmetic)
  /// Another engine, held to the bounds of its own arithmetic.
  case command(EngineCommand)
  /// A kernel in this process, held to the bounds of its own arithmetic.
  case kernel(CalledKernel)

  /// The arithmetic of the bounds.
  package var arithmetic: Arithmetic {
    switch self {
    case .engine(let arithmetic): arithmetic
    case .command(let command): command.arithmetic
    case .kernel(let kernel): kernel.arithmetic
    }
  }

  /// The other engine; `nil` for this one, and for a kernel in this process.
  package var command: EngineCommand? {
    if case .command(let command) = self { command } else { nil }
  }

  /// Whether outputs are computed by the thread that asks for them alone, so that none can be left behind.
  var isCalled: Bool { if case .kernel = self { true } else { false } }

  /// Decides cases again by `body`, for which another engine is not given up, however often it fails.
  func aside(_ body: () throws -> Void) rethrows {
    if let command { try command.aside(body) } else { try body() }
  }

  /// The drift of the output for `input`, the case `number` of a run, by the exact path.
  ///
  /// - Throws: as `EngineCommand.judge`.
  package func judge(_ input: CheckedCase, number: Int? = nil) throws -> LocalDrift {
    try arithmetic.judge(input, answer: try answer(input, number: number))
  }

  /// The output for `input`, the case `number` of a run.
  func answer(_ input: CheckedCase, number: Int?) throws -> EngineAnswer {
    switch self {
    case .engine: .output(Catalogue.engine(input))
    case .command(let command): try command.answer(input, number: number)
    case .kernel(let kernel): try kernel.answer(input, number: number)
    }
  }
}

/// A kernel in this process.
package struct CalledKernel: Sendable {
  /// The arithmetic that its bounds are computed for.
  let arithmetic: Arithmetic
  /// The output for a case of the given number.
  private let compute: @Sendable (CheckedCase, Int?) throws -> Activation<Float>

  /// Makes a kernel of `compute`; where that throws an `EngineFailure` the case is outside, and any other error ends the run.
  ///
  /// With one job it is called by the thread that runs, one case at a time.
  package init(
    arithmetic: Arithmetic,
    compute: @escaping @Sendable (CheckedCase, Int?) throws -> Activation<Float>
  ) {
    self.arithmetic = arithmetic
    self.compute = compute
  }

  func answer(_ input: CheckedCase, number: Int?) throws -> EngineAnswer {
    do {
      return .output(try compute(input, number))
    } catch let failure as EngineFailure {
      return .failure(failure)
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
  package func judge(_ input: CheckedCase, output: Activation<Float>) throws -> LocalDrift {
    switch self {
    case .engine: return Catalogue.judge(input, output: output)
    case .model(let model):
      guard Catalogue.isProved(input, in: model) else { return LocalDrift(nothingClaimedOf: output) }
      return try Catalogue.judge(input, output: output, in: model)
    }
  }

  /// The case as an engine in this arithmetic can be given it: its tensors rounded to the format that they are stored in.
  package func prepared(_ input: LayerCase) -> LayerCase {
    if case .model(let model) = self { input.representable(in: model.inputs) } else { input }
  }
}

extension FuzzSubject {
  /// The smallest case found that fails as `input` does within `time`, and its drift; `input` itself where it does not fail.
  ///
  /// Its attributes `kept` stay what they are.
  package func smallest(
    _ input: CheckedCase, keeping kept: Set<String> = [], time: Duration
  ) throws -> (input: LayerCase, drift: LocalDrift) {
    let drift = try judge(input)
    guard drift.verdict == .outside else { return (input.source, drift) }
    let end = ContinuousClock.now + time
    let small = Shrinker.failure(
      input.source, margin: drift.margin, kind: drift.failure, keeping: kept, budget: FuzzRun.ShrinkingLimits().cases,
      waits: isCalled,
      judge: { [self] candidate in
        if arithmetic.prepared(candidate.source) != candidate.source { throw NotDecided() }
        return try judge(candidate)
      }, isOver: { ContinuousClock.now >= end })
    guard small != input.source else { return (small, drift) }
    return (small, try judge(CheckedCase(small)))
  }
}
