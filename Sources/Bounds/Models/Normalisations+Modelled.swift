import PlumbModel
import PlumbTolerance

extension Modelled {
  /// x / √(mean(x²) + epsilon) · weight: squares and their sum as they are, without a scale; the mean, epsilon, the
  /// reciprocal root, its product with x, which may be stored, and the product with the weight, to which 1 is added first
  /// where `addsOne`.
  ///
  /// x/√… in place of x · (1/√…) has one rounding fewer and is within too. Outside the domain where the squares may
  /// overflow, or may all underflow beside an epsilon of 0.
  package static func rmsNorm(
    _ x: Activation<Tracked>, weight: Activation<Tracked>, epsilon: Float, addsOne: Bool, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let weights = addsOne ? weight.elements.map { model.sum($0, Tracked(1)) } : weight.elements
    var elements: [Tracked] = []
    for index in 0..<x.rows {
      let row = x.row(index)
      let meanSquare = model.mean(ofSum: model.dot(row, row), count: row.count)
      let factor = reciprocalRoot(meanSquare, epsilon, model)
      elements += zip(row, weights).map { x, weight in
        model.stored(model.product(model.stored(model.product(x, factor)), weight))
      }
    }
    return Activation(shape: x.shape, elements: elements)
  }

  /// (x − mean(x)) / √(variance(x) + epsilon) · weight + bias, in two passes: first the mean, then the mean square of the
  /// deviations from it; what stands before the weight, and before the bias, may be stored.
  ///
  /// The error Δ of the mean is one and the same in every deviation dᵢ. With the other errors σᵢ, at most sᵢ, and as the
  /// exact deviations add up to 0,
  ///
  ///     Σ (dᵢ + σᵢ − Δ)² − Σ dᵢ² = Σ (2dᵢσᵢ + σᵢ²) − 2Δ·Σ σᵢ + n·Δ²,
  ///
  /// of which the first sum is at most Σ sᵢ·(2|dᵢ| + sᵢ). A variance computed in one pass, as mean(x²) − mean(x)², is
  /// another formula, with other errors.
  package static func layerNorm(
    _ x: Activation<Tracked>, weight: Activation<Tracked>, bias: Activation<Tracked>?, epsilon: Float,
    _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    var elements: [Tracked] = []
    for index in 0..<x.rows {
      let row = x.row(index)
      let mean = model.mean(ofSum: model.total(row), count: row.count)
      let deviations = row.map { model.difference($0, mean) }
      let square = model.dot(
        deviations, deviations, inherited: squareError(row: row, mean: mean, deviations: deviations, model))
      let factor = reciprocalRoot(model.mean(ofSum: square, count: row.count), epsilon, model)
      for (column, deviation) in deviations.enumerated() {
        let scaled = model.product(model.stored(model.product(deviation, factor)), weight.elements[column])
        guard let bias else {
          elements.append(model.stored(scaled))
          continue
        }
        elements.append(model.stored(model.sum(model.stored(scaled), bias.elements[column])))
      }
    }
    return Activation(shape: x.shape, elements: elements)
  }

  /// The bound of the difference between the sum of the computed deviations' squares and that of the exact ones.
  private static func squareError(
    row: ArraySlice<Tracked>, mean: Tracked, deviations: [Tracked], _ model: ArithmeticModel
  ) -> Double? {
    guard !mean.isOutside else { return nil }
    var (own, others) = (0.0, 0.0)
    for (x, deviation) in zip(row, deviations) {
      if deviation.isOutside { return nil }
      let stray = Outward.sumUp(x.error, model.roundingOfSum(deviation))
      own = Outward.sumUp(own, Outward.productUp(stray, Outward.sumUp(2 * deviation.magnitude, stray)))
      others = Outward.sumUp(others, stray)
    }
    let shift = mean.error
    let common = Outward.productUp(Double(row.count), Outward.productUp(shift, shift))
    return Outward.sumUp(own, Outward.sumUp(Outward.productUp(2 * shift, others), common))
  }

  /// 1/√(meanSquare + epsilon), or a quotient by the root.
  ///
  /// A mean of squares is never computed below 0, and no rounding brings the sum with a number of the format below that
  /// number.
  private static func reciprocalRoot(_ meanSquare: Tracked, _ epsilon: Float, _ model: ArithmeticModel) -> Tracked {
    let epsilon = Double(epsilon)
    let added = model.parameter(epsilon)
    let least = added.isExact ? epsilon : 0
    return model.reciprocalSquareRoot(model.sum(meanSquare, added), computedAtLeast: least)
  }

  /// Σᵢ xᵢ·yᵢ / (‖x‖ · ‖y‖) of each row of x with each of y, 0 where a row is wholly zero; the norms are roots of plain
  /// sums of squares.
  ///
  /// Each factor may be divided by its norm before the products: at most two more roundings a factor, and as many
  /// underflows.
  package static func cosineSimilarity(
    _ x: Activation<Tracked>, _ y: Activation<Tracked>, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    func norms(_ x: Activation<Tracked>) -> [Tracked] {
      (0..<x.rows).map { model.squareRoot(model.dot(x.row($0), x.row($0)), computedAtLeast: 0) }
    }
    func isZero(_ row: ArraySlice<Tracked>) -> Bool { row.allSatisfy { $0.isExact && $0.upper == 0 } }
    let (left, right) = (norms(x), norms(y))
    let (first, second) = (x.map { model.roundedTwice($0) }, y.map { model.roundedTwice($0) })
    var elements: [Tracked] = []
    for row in 0..<x.rows {
      for other in 0..<y.rows {
        if isZero(x.row(row)) || isZero(y.row(other)) {
          elements.append(Tracked(0))
          continue
        }
        let dot = model.dot(first.row(row), second.row(other))
        let cosine = model.quotient(dot, model.product(left[row], right[other]))
        elements.append(model.stored(model.underflowing(cosine, times: 4 * x.columns)))
      }
    }
    return Activation(shape: [x.rows, y.rows], elements: elements)
  }
}
