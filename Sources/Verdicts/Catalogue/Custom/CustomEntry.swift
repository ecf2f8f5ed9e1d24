import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

/// A formula of one's own, which is a layer like any other: the entry is the same for all, and the case has the formula.
enum CustomEntry: FormulaEntry {
  /// The signature of no formula in particular, which `Catalogue.signature` never gives.
  static let signature = LayerSignature(.relu, "", tensors: [], output: [])
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    FormulaEvaluation.result(formula(of: input.source), input)
  }

  /// The formula in Float64, and one rounding.
  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    forward(CaseInput(input, in: Float64Context())).map { Float($0) }
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    do {
      _ = try FormulaShape(formula(of: input), extents: input.extents)
    } catch {
      throw CaseError(input.source.layer, error.problem)
    }
  }

  private static func formula(of input: CheckedCase) -> CustomFormula {
    guard case .custom(let formula) = input.source.layer else { preconditionFailure("a case of a formula has it") }
    return formula
  }
}

extension LayerSignature {
  /// The signature of `formula`; without an output where its axes do not fit, which every case of it is refused for.
  init(_ formula: CustomFormula) {
    let shape = try? FormulaShape(formula)
    self.init(
      .custom(formula), formula.text, tensors: formula.inputs.map { .input($0.name, $0.axes) },
      output: shape?.axes ?? [])
  }
}

extension Catalogue {
  /// The layer that `name` names, or the formula that it is the text of.
  ///
  /// - Throws: `LayerNameError` that says which layers there are, or what is wrong with the formula.
  package static func layer(named name: String) throws(LayerNameError) -> LayerKind {
    guard name.contains(":") else {
      guard let layer = LayerKind(rawValue: name) else {
        if let meant = NameTable.meant(by: name, among: LayerKind.allCases.map(\.rawValue)) {
          throw LayerNameError("there is no layer '\(name)': did you mean '\(meant)'?")
        }
        throw LayerNameError("there is no layer '\(name)'; there are \(LayerKind.list)")
      }
      return layer
    }
    do {
      let formula = try CustomFormula(parsing: name)
      _ = try FormulaShape(formula)
      return .custom(formula)
    } catch {
      throw LayerNameError(error.description)
    }
  }
}

/// The reason why a text names no layer.
package struct LayerNameError: Error, Sendable, CustomStringConvertible {
  /// One line for the person who must act.
  package let description: String

  init(_ description: String) { self.description = description }
}
