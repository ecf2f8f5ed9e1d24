import PlumbModel
import PlumbVerdicts

/// Cuts tensors of a recorded pass to the shapes of cases.
final class RecordedNumbers: Sendable {
  private let numbers: [String: [Activation<Float>]]

  /// All that `pass` has for `layer`, decoded once.
  init(_ pass: RecordedPass, _ layer: LayerKind) {
    var numbers: [String: [Activation<Float>]] = [:]
    for slot in Catalogue.signature(of: layer).tensors where slot.below == nil {
      numbers[slot.name] = pass.sources(of: slot.name, layer, isParameter: slot.isParameter)
        .map(\.numbers).filter { !$0.elements.isEmpty }
    }
    self.numbers = numbers
  }

  /// Numbers of the tensor `name` in `shape`: rows that follow one another in the pass, each from the same element on,
  /// and around the ends where the pass has fewer.
  func cut(_ name: String, to shape: [Int], using source: inout SeededSource) -> [Float] {
    let count = shape.reduce(1, *)
    guard let from = numbers[name]?.randomElement(using: &source) else { return [Float](repeating: 0, count: count) }
    let columns = max(shape.last ?? 1, 1)
    let (firstRow, firstColumn) = (
      Int.random(in: 0..<from.rows, using: &source), Int.random(in: 0..<from.columns, using: &source)
    )
    return (0..<count).map { index in
      let row = (firstRow + index / columns) % from.rows
      return from.elements[row * from.columns + (firstColumn + index % columns) % from.columns]
    }
  }
}
