import PlumbBounds
import PlumbExact
import PlumbModel

extension ExactPart {
  /// The element at `place` of the gradient of a matrix product, by one exact sum of products of Float32s; `nil` for other layers.
  ///
  /// The exact value is the formula's, without a ball for each product; the bound is that of the formula on the row and the column.
  static func product(_ input: CheckedCase, _ place: Int) -> ExactPart? {
    let (layer, gradient) = (input.source.layer, input.real("gradient"))
    let (other, width) = (layer == .linearWeightBackward ? "x" : "weight", input.outputShape.last ?? 0)
    guard width > 0 else { return nil }
    if layer == .embeddingBackward { return row(input, place) }
    let (row, column) = (place / width, place % width)
    let numbers = input.real(other)
    let terms = numbers.rows
    let factors =
      layer == .linearWeightBackward
      ? (0..<terms).map { gradient.elements[$0 * gradient.columns + row] } : Array(gradient.row(row))
    let values = (0..<terms).map { numbers.elements[$0 * width + column] }
    guard let first = IntegerRow(exactly: factors), let second = IntegerRow(exactly: values) else { return nil }
    let shape = layer == .linearWeightBackward ? [terms, 1] : [1, terms]
    var tensors: [String: CaseTensor] = [
      "gradient": .real(Activation(shape: shape, elements: factors)),
      other: .real(Activation(shape: [terms, 1], elements: values)),
    ]
    if layer == .unembeddingBackward { tensors["x"] = .real(Activation(shape: [1, 1], elements: [0])) }
    return one(LayerCase(layer: layer, tensors: tensors), place, first.dot(second).sum)
  }

  /// The element at `place` of the gradient of a table of rows: what there was, and the gradients of the tokens that chose its row.
  private static func row(_ input: CheckedCase, _ place: Int) -> ExactPart? {
    let (before, gradient) = (input.real("before"), input.real("gradient"))
    let (row, column) = (place / before.columns, place % before.columns)
    let own = input.integers("tokens").enumerated().filter { $0.element == row }
      .map { gradient.elements[$0.offset * before.columns + column] }
    var sum = Rational.zero
    for number in own + [before.elements[place]] {
      guard let number = Rational(exactly: number) else { return nil }
      sum += number
    }
    if own.isEmpty {
      let known = Expectation(exact: Activation(shape: [1, 1], elements: [Ball(sum)]), bounds: [0])
      return ExactPart(places: [place]) { _ in known }
    }
    let source = LayerCase(
      layer: .embeddingBackward,
      tensors: [
        "gradient": .real(Activation(shape: [own.count, 1], elements: own)),
        "before": .real(Activation(shape: [1, 1], elements: [before.elements[place]])),
        "tokens": .integer(Activation(shape: [own.count], elements: own.map { _ in 0 })),
      ])
    return one(source, place, sum)
  }

  /// The element at `place`, which `source` gives as its only one, with its exact value.
  private static func one(_ source: LayerCase, _ place: Int, _ exact: Rational) -> ExactPart? {
    guard let input = try? CheckedCase(source),
      let entry = Catalogue.entry(for: source.layer) as? any FormulaEntry.Type
    else { return nil }
    let tracked = entry.declared(input)
    let expectation = Expectation(
      exact: Activation(shape: tracked.shape, elements: [Ball(exact)]), bounds: tracked.elements.map(\.bound),
      specials: tracked.specials)
    return ExactPart(places: [place]) { _ in expectation }
  }
}
