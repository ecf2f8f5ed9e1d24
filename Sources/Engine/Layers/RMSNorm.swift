import PlumbModel

extension Engine {
  /// Root-mean-square normalisation of every row: y = x / √(mean(x²) + epsilon) · weight, or · (1 + weight) where the
  /// layer `addsOne`.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `rmsNormRelativeError(terms:)`, where exact
  /// uses the weight in Float32. Squares are exact and nothing over- or underflows before the last rounding, so every
  /// finite input is in the domain.
  ///
  /// *Edge cases*: a row of zeros with epsilon 0 gives NaN. A negative epsilon is outside the domain.
  ///
  /// - Precondition: a row of `x` has as many elements as the weight.
  package static func rmsNorm(
    _ x: Activation<Float>, _ layer: RMSNormLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    rmsNorm(x, layer, Crew(threads: 1, instructionSet: instructionSet))
  }

  static func rmsNorm(_ x: Activation<Float>, _ layer: RMSNormLayer, _ crew: Crew) -> Activation<Float> {
    let weight = decoded(layer.weight, crew)
    let columns = x.columns
    precondition(columns == weight.count, "tensor '\(layer.weight.name)' has \(weight.count) elements, not \(columns)")
    if layer.addsOne {
      let rows = (0..<x.rows).map { rmsNorm(x.row($0), weightLessOne: weight, epsilon: layer.epsilon) }
      return Activation(shape: x.shape, elements: Array(rows.joined()))
    }
    return unsafe mapRows(x, crew) { input, output in
      unsafe crew.kernels.rms_norm(input, weight, columns, layer.epsilon, output)
    }
  }

  /// One row with 1 + weight, whose sum is formed in Float64: in Float32 it would be another rounding.
  private static func rmsNorm(_ x: ArraySlice<Float>, weightLessOne: [Float], epsilon: Float) -> [Float] {
    let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
    let root = (squares / Double(x.count) + Double(epsilon)).squareRoot()
    return zip(x, weightLessOne).map { Float(Double($0) / root * (1 + Double($1))) }
  }

  /// Each row through `body`, which writes all of its result; rows are shared among the threads.
  static func mapRows(
    _ x: Activation<Float>, _ crew: Crew,
    _ body: (_ row: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>) -> Void
  ) -> Activation<Float> {
    let columns = x.columns
    return unsafe Activation.filled(x.shape, crew) { output in
      // Sound: rows lie within the elements, and each item writes its own.
      unsafe x.elements.withUnsafeBufferPointer { elements in
        guard let input = elements.baseAddress else { return }
        crew.run(x.rows) { row, _ in unsafe body(input + row * columns, output + row * columns) }
      }
    }
  }
}
