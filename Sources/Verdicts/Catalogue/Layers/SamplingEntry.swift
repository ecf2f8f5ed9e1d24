import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

enum SamplingEntry: BoundedEntry {
  static let signature = LayerSignature(
    .sampling, "y = softmax(logits / temperature) over what top-k, then top-p, then min-p keep; 0 elsewhere",
    tensors: [.input("logits", ["rows", "vocabulary"], isMaskable: true)],
    attributes: [
      LayerSignature.Attribute(
        "temperature", .real(1), "what the kept logits are divided by; 0 for the likeliest alone"),
      LayerSignature.Attribute("topK", .integer(0), "how many of the likeliest tokens are kept; 0 for all"),
      LayerSignature.Attribute(
        "topP", .real(1), "what the probabilities of the fewest likeliest reach that are kept; 1 for all"),
      LayerSignature.Attribute("minP", .real(0), "how likely beside the likeliest the kept tokens are; 0 for any"),
    ],
    output: ["rows", "vocabulary"],
    maskedRow: "a token at −∞ is never kept; nothing is claimed of a row of −∞ alone")

  private static func layer(_ input: CheckedCase) -> SamplingLayer {
    SamplingLayer(
      temperature: input.number("temperature"), topK: input.integer("topK") == 0 ? nil : input.integer("topK"),
      topP: input.number("topP"), minP: input.number("minP"), isTemperatureFirst: input.reading == .temperatureFirst)
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try input.requireFromZeroUp("temperature")
    guard input.integer("topK") >= 0 else {
      throw CaseError(.sampling, "attribute 'topK' must be a number of tokens, or 0 for all")
    }
    for name in ["topP", "minP"] {
      guard 0...1 ~= input.number(name) else { throw CaseError(.sampling, "attribute '\(name)' must lie from 0 to 1") }
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.sampling(input.real("logits"), layer(input), precision: precision)
  }

  static func tracked(_ input: CheckedCase, in model: ArithmeticModel) -> Activation<Tracked> {
    SamplingProof.probabilities(input.real("logits"), layer(input), in: model)
  }

  /// Samplers that filter at temperature 1, and those that divide by the temperature first: two functions where there is something
  /// to divide by, and a filter that looks at probabilities.
  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [FormulaName?] {
    let isOne = [0, 1].contains(input.number("temperature")) || input.number("topP") == 1 && input.number("minP") == 0
    let readings = [FormulaName.temperatureLast, .temperatureFirst].filter(model.uses)
    return isOne ? [readings.first] : readings
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.sampling(input.real("logits"), layer(input))
  }
}
