import PlumbModel
import PlumbVerdicts

/// The inputs of a matrix product that an engine has left out of every sum, whichever they are.
///
/// The dump less the right product is Σᵢ (cᵢ − 1) · weight[·, i] · x[·, i], where cᵢ is 0 of an input that is left out and 1 of any
/// other: the c that fit best are solved for by conjugate gradients on the normal equations.
/// Source: Björck 1996, *Numerical Methods for Least Squares Problems*, section 7.4 (CGLS).
enum DroppedInputs {
  /// The most steps of the solver, each of two products of the layer's size.
  private static let steps = 200

  /// The inputs whose factor is nearest to 0 where all are near to 0 or 1; `nil` where there is none, or the factors are others.
  ///
  /// - Parameters:
  ///   - x: `[tokens, inputs]`.
  ///   - weight: `[outputs, inputs]`.
  ///   - excess: The dump less the right product, `[tokens, outputs]`.
  static func found(_ x: Activation<Float>, _ weight: Activation<Float>, _ excess: [Double]) -> [Int]? {
    let (tokens, inputs, outputs) = (x.rows, weight.columns, weight.rows)
    guard x.columns == inputs, excess.count == tokens * outputs, tokens * outputs >= inputs, inputs > 1 else {
      return nil
    }
    let (x, weight) = (x.elements.map(Double.init), weight.elements.map(Double.init))
    func applied(_ c: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: tokens * outputs)
      for token in 0..<tokens {
        let scaled = (0..<inputs).map { x[token * inputs + $0] * c[$0] }
        for output in 0..<outputs {
          result[token * outputs + output] = scaled.indices.reduce(0) { $0 + scaled[$1] * weight[output * inputs + $1] }
        }
      }
      return result
    }
    func transposed(_ r: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: inputs)
      for token in 0..<tokens {
        var row = [Double](repeating: 0, count: inputs)
        for output in 0..<outputs {
          let factor = r[token * outputs + output]
          for input in 0..<inputs { row[input] += factor * weight[output * inputs + input] }
        }
        for input in 0..<inputs { result[input] += row[input] * x[token * inputs + input] }
      }
      return result
    }
    var (c, rest) = ([Double](repeating: 0, count: inputs), excess)
    var gradient = transposed(rest)
    var (direction, size) = (gradient, gradient.reduce(0) { $0 + $1 * $1 })
    let first = size
    for _ in 0..<steps where size > first * 1e-24 {
      let image = applied(direction)
      let length = image.reduce(0) { $0 + $1 * $1 }
      guard length > 0 else { break }
      let step = size / length
      for index in c.indices { c[index] += step * direction[index] }
      for index in rest.indices { rest[index] -= step * image[index] }
      gradient = transposed(rest)
      let next = gradient.reduce(0) { $0 + $1 * $1 }
      for index in direction.indices { direction[index] = gradient[index] + next / size * direction[index] }
      size = next
    }
    let left = c.indices.filter { c[$0] < -0.5 }
    let isClear = c.indices.allSatisfy { abs(c[$0]) < 0.2 || abs(c[$0] + 1) < 0.2 }
    return isClear && !left.isEmpty && left.count < inputs ? left : nil
  }
}

extension Hypothesis {
  /// The product that ends the stretch, without the inputs that the dump lacks.
  static func dropped(_ step: Step, _ failure: GradeFailure) -> [Hypothesis] {
    guard step.name == failure.steps.last?.name, let product = step.operation.product,
      let dumped = failure.dumped(step.name),
      let input = failure.rightInput(of: step), dumped.elements.count == failure.exact.count
    else { return [] }
    let excess = zip(dumped.elements, failure.exact).map { Double($0) - $1 }
    guard excess.allSatisfy(\.isFinite),
      let left = DroppedInputs.found(
        step.operation.arranged(input), DiagnosedStep.numbers(product.weight), excess)
    else { return [] }
    let words = left.count > 8 ? "\(left.count) inputs, \(left[0]) to \(left[left.count - 1])," : "Inputs \(left)"
    return [
      Hypothesis(
        "\(step.layer.rawValue) inputs-dropped", "\(words) are left out of every sum.",
        instead: { place, values in
          place.makeCase(values).map(\.source).flatMap { source in
            guard case .real(var weight)? = source.tensors["weight"] else { return nil }
            for row in 0..<weight.rows { for column in left { weight.elements[row * weight.columns + column] = 0 } }
            return try? CheckedCase(source.replacing("weight", weight))
          }
        })
    ]
  }
}

extension GradeFailure {
  /// The first input of `step` where nothing before it in the stretch has a bug: the dump's, or computed in Float64 from what it has.
  fileprivate func rightInput(of step: Step) -> Activation<Float>? {
    var values: Hypothesis.Values = [:]
    for name in known { values[name] = dumped(name) }
    for place in steps where place.name != step.name {
      let diagnosed = DiagnosedStep(step: place, transformer: transformer, tokens: tokens)
      guard let output = Hypothesis.right(diagnosed, values) else { return nil }
      let shape = place.shape(tokens: tokens.count)
      guard output.elements.count == shape.reduce(1, *) else { return nil }
      values[place.name] = output.reshaped(shape)
    }
    return step.inputs.first.flatMap { values[$0] }
  }
}
