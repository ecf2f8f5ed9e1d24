import PlumbModel
import PlumbTolerance

extension Modelled {
  /// e^(x − m) / Σ e^(x − m) of each row with m its greatest element: the difference, the exponential, the sum, and a
  /// division or a product with the reciprocal.
  ///
  /// m is the greatest *computed* element, whichever that is: softmax is the same function with any number in m's place,
  /// so that the error of m is none of the result's.
  package static func softmax(_ x: Activation<Tracked>, _ model: ArithmeticModel) -> Activation<Tracked> {
    Activation(shape: x.shape, elements: (0..<x.rows).flatMap { softmax(x.row($0), model) })
  }

  /// The softmax of one row.
  static func softmax(_ row: some Sequence<Tracked>, _ model: ArithmeticModel) -> [Tracked] {
    let exponentials = differences(Array(row), model).map { model.exponential($0) }
    let sum = model.total(exponentials)
    return exponentials.map { model.stored(model.quotientOrReciprocal($0, sum)) }
  }

  /// (x − m) − log Σ e^(x − m) of each row with m its greatest element.
  ///
  /// x − (m + log Σ …) is another formula, with other errors where m is great.
  package static func logSoftmax(_ x: Activation<Tracked>, _ model: ArithmeticModel) -> Activation<Tracked> {
    Activation(
      shape: x.shape,
      elements: (0..<x.rows).flatMap { row -> [Tracked] in
        let differences = differences(Array(x.row(row)), model)
        let logarithm = logarithmOfSum(differences, model)
        return differences.map { model.stored(model.difference($0, logarithm)) }
      })
  }

  /// log Σ e^(x − m) − (x[target] − m) of each row with m its greatest element.
  package static func crossEntropy(
    _ logits: Activation<Tracked>, targets: [Int], _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let elements = targets.enumerated().map { row, target -> Tracked in
      let differences = differences(Array(logits.row(row)), model)
      return model.stored(model.difference(logarithmOfSum(differences, model), differences[target]))
    }
    return Activation(shape: [targets.count], elements: elements)
  }

  /// Each element less the greatest computed one, which lies between the greatest of the elements' least and of their
  /// greatest values.
  private static func differences(_ row: [Tracked], _ model: ArithmeticModel) -> [Tracked] {
    if row.contains(where: \.isOutside) { return row.map { _ in .outside } }
    let shift = Tracked(
      lower: row.map(\.computed.lower).max() ?? 0, upper: row.map(\.computed.upper).max() ?? 0, error: 0)
    // Of exact elements the greatest is known.
    let greatest = row.allSatisfy(\.isExact) ? Tracked(row.map(\.upper).max() ?? 0) : shift
    // The only element is its own greatest.
    return row.count == 1 ? [Tracked(0)] : row.map { model.difference($0, greatest) }
  }

  private static func logarithmOfSum(_ differences: [Tracked], _ model: ArithmeticModel) -> Tracked {
    model.logarithm(model.total(differences.map { model.exponential($0) }))
  }
}
