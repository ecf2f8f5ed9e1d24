import PlumbModel
import PlumbMutants
import PlumbVerdicts

// Bugs that differ by a number, of which all that are likely are tried.
extension Hypothesis {
  /// The families of bugs that `step` may have in the stretch that `failure` is about.
  static func families(of step: Step, in failure: GradeFailure) -> [Hypothesis] {
    switch step.operation {
    case .softmax(let layer?) where layer.sinks == nil: chunks(failure.tokens.count)
    case .linear, .unembedding: partialSums(step) + dropped(step, failure)
    case .residualAdd: sums(step)
    case .rmsNorm(let layer): exchanged(step, failure) + (layer.addsOne ? [] : grouped(step, layer, failure))
    default: []
    }
  }

  /// Tokens that see those of their own chunk, of any size, and none before it.
  private static func chunks(_ tokens: Int) -> [Hypothesis] {
    (2..<max(2, min(tokens, 64))).map { size in
      mask("chunks-of-\(size)", "A token sees its own chunk of \(size) positions only, and none before it.") {
        $1 <= $0 && $0 / size == $1 / size
      }
    }
  }

  /// Partial sums of any number of products that are kept in a narrow format.
  private static func partialSums(_ step: Step) -> [Hypothesis] {
    let columns = step.operation.product?.weight.columns ?? 0
    let sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256].filter { $0 < columns }
    return sizes.flatMap { Mutant.partialSums(of: $0, layer: step.layer) }.map(Hypothesis.init)
  }

  /// Sums whose terms count another number of times.
  private static func sums(_ step: Step) -> [Hypothesis] {
    guard step.inputs.count == 2 else { return [] }
    let counts: [Float] = [0, 1, 2, -1, 0.5]
    return counts.flatMap { first in
      counts.filter { (first, $0) != (1, 1) }.map { second in
        Hypothesis(
          "residual-add \(first)·\(step.inputs[0].role.rawValue)+\(second)·\(step.inputs[1].role.rawValue)",
          "The sum has \(step.inputs[0]) \(first) times and \(step.inputs[1]) \(second) times.",
          enclosed: { _, inputs, arithmetic in
            guard inputs.count == 2, inputs[0].elements.count == inputs[1].elements.count else { return nil }
            let context = EnclosureContext(arithmetic)
            let elements = zip(inputs[0].elements, inputs[1].elements).map { a, b in
              context.sum(
                context.product(context.parameter(Double(first)), a),
                context.product(context.parameter(Double(second)), b))
            }
            return Activation(shape: inputs[0].shape, elements: elements)
          },
          output: { _, values in
            guard let a = values[step.inputs[0]], let b = values[step.inputs[1]], a.elements.count == b.elements.count
            else {
              return nil
            }
            return Activation(shape: a.shape, elements: zip(a.elements, b.elements).map { first * $0 + second * $1 })
          })
      }
    }
  }

  /// A norm that is computed behind the rotation that should follow it.
  private static func exchanged(_ step: Step, _ failure: GradeFailure) -> [Hypothesis] {
    let plan = failure.transformer.plan
    guard let next = plan.steps.first(where: { $0.inputs.first == step.name }), case .rotaryEmbedding = next.operation,
      next.inputs.count == 1
    else { return [] }
    return [
      Hypothesis("rms-norm behind-rotation", "The norm is computed behind the rotation, before which it should stand.")
      {
        place, values in
        let rotation = DiagnosedStep(step: next, transformer: place.transformer, tokens: place.tokens)
        guard let input = values[step.inputs[0]], let turned = plain(rotation, next.operation, [step.name: input])
        else {
          return nil
        }
        var given = values
        given[step.inputs[0]] = turned.reshaped(input.shape)
        return right(place, given)
      }
    ]
  }

  /// A norm of each head's elements where it should be one of all heads' together.
  private static func grouped(_ step: Step, _ layer: RMSNormLayer, _ failure: GradeFailure) -> [Hypothesis] {
    guard let size = step.name.block.flatMap({ failure.transformer.plan.attention(inBlock: $0)?.headSize }), size > 0,
      [.queryNorm, .keyNorm].contains(step.name.role), layer.weight.columns > size,
      layer.weight.columns.isMultiple(of: size)
    else { return [] }
    return [
      Hypothesis("rms-norm each-head", "The norm is one of each head's elements, not of all heads together.") {
        _, values in
        guard let input = values[step.inputs[0]] else { return nil }
        let weight = DiagnosedStep.numbers(layer.weight).elements.map(Double.init)
        var result = input
        for start in stride(from: 0, to: input.elements.count, by: size) {
          let squares = input.elements[start..<start + size].reduce(0) { $0 + Double($1) * Double($1) }
          let root = (squares / Double(size) + Double(layer.epsilon)).squareRoot()
          for index in start..<start + size {
            result.elements[index] = Float(Double(input.elements[index]) / root * weight[index % weight.count])
          }
        }
        return result
      }
    ]
  }
}
