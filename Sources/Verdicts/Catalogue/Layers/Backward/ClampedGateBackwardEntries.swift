import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel
import PlumbTolerance

extension CheckedCase {
  /// The functions that kernels in `model` may take the gradient through a clamp for: two where an input may be at the limit itself.
  func readings(meetsLimit: Bool, in model: ArithmeticModel) -> [FormulaName?] {
    let readings = [FormulaName.throughLimit, .zeroAtLimit].filter(model.uses)
    return meetsLimit ? readings : [readings.first]
  }
}

extension ClampedGateBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      ClampedGate(reading: input), gradient: input.real("gradient"),
      isOfUp: input.source.source.layer == .clampedGateUpBackward)
  }
}

enum ClampedGateBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .clampedGateBackward,
    "dgate = gradient · (u + 1) · s · (1 + alpha · g · (1 − s)) where gate ≤ limit, otherwise 0, s = 1 / (1 + e^(−alpha·g)), "
      + "g and u as in clamped-gate",
    tensors: ClampedGateEntry.signature.tensors + [.input("gradient", ["rows", "columns"])],
    attributes: ClampedGateEntry.signature.attributes, output: ["rows", "columns"], isElementwise: true)

  static let known = ClampedGateEntry.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try ClampedGateEntry.validate(input) }

  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [FormulaName?] {
    let limit = input.number("limit")
    return input.readings(meetsLimit: input.real("gate").elements.contains(limit), in: model)
  }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ClampedGateBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.clampedGateBackward(
      input.real("gate"), input.real("up"), gradient: input.real("gradient"), ClampedGateEntry.layer(input))
  }
}

enum ClampedGateUpBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .clampedGateUpBackward,
    "dup = gradient · g / (1 + e^(−alpha·g)) where −limit ≤ up ≤ limit, otherwise 0, g = min(gate, limit)",
    tensors: ClampedGateBackwardEntry.signature.tensors, attributes: ClampedGateEntry.signature.attributes,
    output: ["rows", "columns"], isElementwise: true)

  static let known = ClampedGateEntry.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try ClampedGateEntry.validate(input) }

  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [FormulaName?] {
    let limit = input.number("limit")
    return input.readings(meetsLimit: input.real("up").elements.contains { $0.magnitude == limit }, in: model)
  }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ClampedGateBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.clampedUpBackward(
      input.real("gate"), input.real("up"), gradient: input.real("gradient"), ClampedGateEntry.layer(input))
  }
}
