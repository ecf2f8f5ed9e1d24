import PlumbModel

// Layers backwards are computed in Float64, step by step as their formulas stand, and rounded once: what their bounds take from
// the formulas (`ArithmeticModel.declared`) holds of them.
extension Activation<Float> {
  /// The numbers of row `index` in Float64.
  func wideRow(_ index: Int) -> [Double] { row(index).map { Double($0) } }

  /// The output of `shape` whose rows are `rows`, each number rounded once.
  static func rounded(_ rows: [[Double]], shape: [Int]) -> Activation {
    Activation(shape: shape, elements: rows.flatMap { $0.map { Float($0) } })
  }
}

extension [Double] {
  /// Σ of the products with the elements of `other`.
  func dot(_ other: [Double]) -> Double { zip(self, other).reduce(0) { $0 + $1.0 * $1.1 } }

  /// Σ of the elements.
  var total: Double { reduce(0, +) }

  /// The softmax, from the differences to the greatest element.
  var softmax: [Double] {
    guard let greatest = self.max() else { return [] }
    let powers = Engine.exponentials(map { $0 - greatest })
    let sum = powers.total
    return powers.map { $0 / sum }
  }

  /// log Σ e^x, by the greatest element.
  var logarithmOfSum: Double {
    guard let greatest = self.max() else { return 0 }
    return greatest + Engine.logarithm(Engine.exponentials(map { $0 - greatest }).total)
  }
}
