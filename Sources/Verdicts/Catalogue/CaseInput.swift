import PlumbLayers
import PlumbModel

/// A case as a layer takes it, in the numbers of an arithmetic.
package struct CaseInput<Context: ArithmeticContext>: Sendable {
  /// The case, whose attributes, weights and shapes count.
  package let source: CheckedCase
  package let context: Context
  /// The tensors that are known otherwise than by their Float32s, by name.
  package var known: [String: Activation<Context.Number>] = [:]
  /// The relative distance that the exact weights may have from the Float32s of the case: half a spacing where these are
  /// rounded from a quantised tensor's.
  package var weightError = 0.0

  package init(_ source: CheckedCase, in context: Context) {
    self.source = source
    self.context = context
  }

  /// The Float32 tensor `name`.
  package func real(_ name: String) -> Activation<Context.Number> { known[name] ?? read(source.real(name), name) }

  /// The Float32 tensor `name`, where the case has it.
  package func optionalReal(_ name: String) -> Activation<Context.Number>? {
    known[name] ?? source.optionalReal(name).map { read($0, name) }
  }

  /// The Float32 tensor `name` as a weight of matrix products, which may be large.
  package func weights(_ name: String) -> Weights<Context.Number> {
    if let known = known[name] { return Weights(known) }
    let (weight, context, error) = (source.real(name), context, weightError)
    return Weights(rows: weight.rows, columns: weight.columns) { places in
      context.read(weight.elements[places], within: error)
    }
  }

  private func read(_ tensor: Activation<Float>, _ name: String) -> Activation<Context.Number> {
    context.read(tensor, within: ["weight", "bias"].contains(name) ? weightError : 0)
  }
}

/// A layer's formula that takes its inputs from a case.
package protocol CaseFormula<Context>: LayerFormula {
  init(reading input: CaseInput<Context>)
}
