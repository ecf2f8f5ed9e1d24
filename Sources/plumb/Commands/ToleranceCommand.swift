import ArgumentParser
import PlumbCases
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// `plumb tolerance`: for a suite that keeps `allclose`, the least tolerances that are sound.
struct ToleranceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tolerance",
    abstract: "Prints the least atol and rtol that no right kernel fails on given tensors, in an arithmetic.",
    discussion: """
      A comparison passes where |a − b| ≤ atol + rtol·|b|, b being the expected value. The tolerances hold for these tensors \
      alone; a verdict of 'plumb fuzz' or 'plumb layer' has a bound for each element. Exit status: 0 when there are such \
      tolerances, 1 when an element may be infinite or has no bound, 2 for a usage error or bad input.
      """)

  @Argument(help: "The layer; 'plumb layer --list' names all.", completion: Completions.layer)
  var layer: String

  @Option(help: ArgumentHelp("The tensors, by the names that '--list' gives.", valueName: "file.safetensors"))
  var input: String?

  @Option(
    help: ArgumentHelp(
      "Without '--input': tensors of a model's pass, cut to these extents.", valueName: "name=n[,name=n…]"))
  var shape: String?

  @Option(help: ArgumentHelp("The seed of such tensors.", valueName: "n"), transform: Seed.parse)
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("The arithmetic: \(ArithmeticModel.shortGrammar).", valueName: "model"),
    completion: Completions.arithmetic)
  var arithmetic = "f32"

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    let kind = try LayerArgument.layer(layer)
    guard (input == nil) != (shape == nil) else { throw ValidationError("Give '--input' or '--shape'.") }
    if let shape { _ = try FixedShape(shape, of: [kind]) }
  }

  func run() throws {
    let kind = try LayerArgument.layer(layer)
    let (answer, model): (SoundTolerance.Answer, ArithmeticModel)
    do {
      model = try ArithmeticModel(parsing: arithmetic)
      let source =
        try input.map { try LayerCase(try SafeTensors(path: $0), name: $0, layer: kind, attributes: [:]) }
        ?? CaseGenerator(
          layer: kind, strategy: .recorded, seed: seed, shape: try FixedShape(shape ?? "", of: [kind]).extents
        ).makeCase(0)
      let checked = try CheckedCase(source.representable(in: model.inputs))
      try checked.expectReasonableOutput()
      answer = try SoundTolerance.answer(checked, in: model)
    } catch {
      throw BadInput(message: input.map { "\($0): \(error)" } ?? "\(error)")
    }
    try show(answer, model)
  }

  private func show(_ answer: SoundTolerance.Answer, _ model: ArithmeticModel) throws {
    let rows = [
      ("the exact value, rounded", answer.exact),
      ("the same, atol alone", answer.exactAbsolute),
      ("another such kernel", answer.kernel),
      ("the same, atol alone", answer.kernelAbsolute),
    ]
    if json {
      try printJSON(
        ToleranceReport(
          layer: layer, arithmetic: model.description, elements: answer.elements, unbounded: answer.unbounded,
          exact: answer.exact, exactAbsolute: answer.exactAbsolute, kernel: answer.kernel,
          kernelAbsolute: answer.kernelAbsolute))
    } else {
      StandardOutput.print("layer       \(layer)")
      StandardOutput.print("arithmetic  \(model): \(model.summary)")
      StandardOutput.print(ReportText.left("against", 26) + ReportText.right("atol", 12) + ReportText.right("rtol", 12))
      for (name, tolerance) in rows {
        StandardOutput.print(
          ReportText.left(name, 26) + ReportText.right(ReportText.scientific(tolerance.atol), 12)
            + ReportText.right(ReportText.scientific(tolerance.rtol), 12))
      }
      if answer.unbounded > 0 {
        StandardOutput.print(
          "of \(answer.unbounded) of \(answer.elements) elements no tolerance is sound: they may be infinite, or have no bound"
        )
      }
    }
    if answer.unbounded > 0 { throw ExitCode(1) }
  }
}

/// The JSON of `plumb tolerance`.
private struct ToleranceReport: Encodable {
  let schema = 1
  let layer, arithmetic: String
  let elements, unbounded: Int
  let exact, exactAbsolute, kernel, kernelAbsolute: SoundTolerance
}
