import ArgumentParser
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// `plumb layer`: any layer on anybody's tensors.
struct LayerCommand: ParsableCommand, FileUsing {
  static let configuration = CommandConfiguration(
    commandName: "layer",
    abstract: "Computes a layer on tensors of a safetensors file: fast, exactly, and with the bound of each element.",
    discussion: """
      The output holds 'engine' (Float32), 'expected' (the exact result, correctly rounded), 'lower' and 'upper' (an \
      enclosure of it in Float64), 'bound' and 'margin' (distance over bound). Exit status: 0 when every element is \
      within its bound, 1 when one is outside it or nothing can be claimed of it, 2 for a usage error or bad input.
      """)

  @Argument(help: "The layer; 'plumb layer --list' names all.", completion: Completions.layer)
  var layer: String?

  @Option(help: ArgumentHelp("The tensors, by the names that '--list' gives.", valueName: "file.safetensors"))
  var input: String?

  @Option(help: ArgumentHelp("Where the answer goes; it is replaced whole.", valueName: "file.safetensors"))
  var output: String?

  @Option(
    name: .customLong("attribute"), parsing: .singleValue,
    help: ArgumentHelp("An attribute of the layer; may be given more than once.", valueName: "key=value"))
  var attributes: [String] = []

  @Option(
    help: ArgumentHelp(
      "The arithmetic that the bounds assume: engine, this engine's own; or \(ArithmeticModel.shortGrammar) (default: engine).",
      valueName: "model"), completion: Completions.arithmeticOrEngine)
  var arithmetic: String?

  @Flag(help: "Describe the layer, or all: tensors, shapes, attributes, formula.")
  var list = false

  @Flag(
    help: """
      Print, for elements of which nothing is claimed, an order of sums and formulas that '--arithmetic' allows and that \
      gives NaN, or two results far apart.
      """)
  var witness = false

  @Flag(help: "Print JSON; its schema is documented in the library's documentation, page JSON.")
  var json = false

  func validate() throws {
    if let layer { _ = try LayerArgument.layer(layer) }
    if list {
      guard input == nil, output == nil, attributes.isEmpty, arithmetic == nil, !witness else {
        throw ValidationError("'--list' describes; it takes no '--input', '--output', '--attribute' or '--arithmetic'.")
      }
      return
    }
    guard layer != nil, input != nil, output != nil else {
      throw ValidationError("Name a layer, '--input' and '--output'; or '--list' to see what there is.")
    }
    try WitnessFlag.validate(witness, arithmetic: arithmetic, json: json)
    var seen = Set<String>()
    for attribute in attributes {
      guard let (key, _) = Self.parts(attribute) else {
        throw ValidationError("'--attribute \(attribute)' is not key=value, such as epsilon=1e-6.")
      }
      guard seen.insert(key).inserted else { throw ValidationError("The attribute '\(key)' is given twice.") }
    }
  }

  private static func parts(_ attribute: String) -> (key: String, value: String)? {
    guard let equals = attribute.firstIndex(of: "="), equals != attribute.startIndex else { return nil }
    return (String(attribute[..<equals]), String(attribute[attribute.index(after: equals)...]))
  }

  var paths: CommandFiles {
    var paths = CommandFiles()
    paths.read(input, "--input")
    paths.write(output, "--output")
    return paths
  }

  func run() throws {
    let layers = try layer.map { [try LayerArgument.layer($0)] } ?? LayerKind.allCases
    if list {
      let descriptions = layers.map { LayerDescription($0) }
      if json {
        try printJSON(descriptions)
      } else {
        StandardOutput.print(descriptions.map(\.text).joined(separator: "\n\n"))
      }
      return
    }
    guard let input, let output, let layer = layers.first else { return }
    let (answer, checked): (LayerAnswer, CheckedCase)
    do {
      let given = Dictionary(uniqueKeysWithValues: attributes.compactMap { Self.parts($0) }.map { ($0.key, $0.value) })
      let file = try SafeTensors(path: input)
      checked = try CheckedCase(try LayerCase(file, name: input, layer: layer, attributes: given))
      try checked.expectReasonableOutput()
      let arithmetic = try arithmetic.map { try Arithmetic(parsing: $0) } ?? .engine
      answer = try LayerAnswer(checked, in: arithmetic)
    } catch let error as CaseError {
      throw BadInput(message: "\(input): \(error)")
    } catch {
      throw BadInput(message: "\(error)")
    }
    try show(answer)
    if witness { for line in answer.witnessLines(of: checked) { StandardOutput.print("witness     \(line)") } }
    var written = OutputFiles()
    written.write(bytes: answer.safeTensors().sealedBytes(), to: output)
    try written.finish()
    if answer.drift.verdict != .within { throw ExitCode(1) }
  }

  private func show(_ answer: LayerAnswer) throws {
    if json {
      return try printJSON(
        CaseReport(
          layer: answer.input.layer.rawValue, engine: nil, arithmetic: answer.arithmetic.description,
          drift: answer.drift, replays: 1, failed: answer.drift.verdict == .outside ? 1 : 0))
    }
    StandardOutput.print("layer       \(answer.input.layer.rawValue)")
    StandardOutput.print("output      \(answer.engine.shape)")
    StandardOutput.print("arithmetic  \(answer.arithmetic)")
    StandardOutput.print("verdict     \(answer.drift.verdict.rawValue)")
    StandardOutput.print("margin      \(ReportText.short(answer.drift.margin))")
    StandardOutput.print("max ulps    \(ReportText.short(answer.drift.worstUlps))")
    if answer.drift.outsideDomain > 0 {
      StandardOutput.print(
        "nothing is claimed of \(answer.drift.outsideDomain) of \(answer.engine.elements.count) elements"
          + (answer.nonFiniteInputs.isEmpty ? ": an intermediate may overflow" : ""))
    }
    if answer.drift.undecided > 0 {
      StandardOutput.print(
        "undecided are \(answer.drift.undecided) of \(answer.engine.elements.count) elements: no precision tells on which "
          + "side of the bound they lie")
    }
    for sentence in answer.nonFiniteInputs { StandardOutput.print(sentence) }
    guard answer.drift.verdict == .outside else { return }
    if let worst = answer.drift.worst {
      StandardOutput.print("element     \(worst.index)")
      StandardOutput.print("engine      \(worst.engine)")
      StandardOutput.print("exact       \(worst.lower) to \(worst.upper)")
      StandardOutput.print("bound       \(ReportText.short(answer.drift.bound))")
    }
    let condition = ProofCondition(
      outside: [answer.input.layer], arithmetic: answer.arithmetic.description, isOwn: answer.arithmetic == .engine)
    let next = "Next: 'margin' in the output tells which elements are outside; '--arithmetic' names another arithmetic."
    for line in WrappedText.lines(condition?.text ?? "") + WrappedText.lines(next) { StandardOutput.print(line) }
  }
}
