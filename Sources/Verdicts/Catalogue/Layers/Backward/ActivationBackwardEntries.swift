import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

extension CaseFormula where Self: ActivationBackward {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), gradient: input.real("gradient"), in: input.context)
  }
}

extension ReLUBackward: CaseFormula {}
extension GELUBackward: CaseFormula {}
extension GELUTanhBackward: CaseFormula {}
extension SiLUBackward: CaseFormula {}

extension LayerSignature {
  /// The signature of an activation function backwards.
  fileprivate static func activation(_ layer: LayerKind, _ formula: String) -> LayerSignature {
    LayerSignature(
      layer, formula, tensors: [.input("x", ["rows", "columns"]), .input("gradient", ["rows", "columns"])],
      output: ["rows", "columns"], isElementwise: true)
  }
}

enum ReLUBackwardEntry: FormulaEntry {
  static let signature = LayerSignature.activation(.reluBackward, "dx = gradient where x > 0, otherwise 0")
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ReLUBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.reluBackward(input.real("x"), gradient: input.real("gradient"))
  }
}

enum GELUBackwardEntry: FormulaEntry {
  static let signature = LayerSignature.activation(
    .geluBackward, "dx = gradient · (½ · (1 + erf(x / √2)) + x · e^(−x²/2) / √(2π))")
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GELUBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.geluBackward(input.real("x"), gradient: input.real("gradient"))
  }
}

enum GELUTanhBackwardEntry: FormulaEntry {
  static let signature = LayerSignature.activation(
    .geluTanhBackward,
    "dx = gradient · (½ · (1 + tanh u) + ½ · x · (1 − tanh² u) · √(2/π) · (1 + 0.134145·x²)), "
      + "u = √(2/π) · (x + 0.044715·x³)")
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GELUTanhBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.geluTanhBackward(input.real("x"), gradient: input.real("gradient"))
  }
}

enum SiLUBackwardEntry: FormulaEntry {
  static let signature = LayerSignature.activation(
    .siluBackward, "dx = gradient · s · (1 + x · (1 − s)), s = 1 / (1 + e^(−x))")
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    SiLUBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.siluBackward(input.real("x"), gradient: input.real("gradient"))
  }
}
