import PlumbExact
import PlumbModel
import PlumbReference
import PlumbVerdicts

/// One element of a gradient of weights whose drift is told apart.
struct ChosenGradient {
  /// The reason for its choice.
  let choice: String
  /// The gradient, as the plan reads its tensor, and the place in it.
  let name: GradientName
  let index: Int
  /// The name of the stored tensor and the place in that.
  let tensor: String
  let place: [Int]
  /// The engine's number less the exact one.
  let drift: Ball
  /// The number by which it was chosen, of which the greatest is.
  private let size: Double

  /// The element of `rows`, which are those of the gradient.
  func element(of rows: GradientRows) -> Ball {
    let width = rows.width
    return rows.row(index / width)[index % width]
  }

  /// Puts those elements of the gradient of `step` into `chosen` that are greater than what it has: the greatest of `engine`, and the
  /// one that drifts most; of equal ones the first.
  static func choose(
    _ chosen: inout [ChosenGradient], _ step: BackwardStep, engine: [Float], _ drift: GradientRows
  ) {
    guard let weight = step.weight, let stored = weight.place, !engine.isEmpty else { return }
    func consider(_ choice: String, _ sizes: [Double]) {
      guard let index = sizes.indices.max(by: { sizes[$0] < sizes[$1] || sizes[$0] == sizes[$1] && $0 > $1 }) else {
        return
      }
      let known = chosen.firstIndex { $0.choice == choice }
      if let known, chosen[known].size >= sizes[index] { return }
      let (width, columns) = (drift.width, weight.shape.dropFirst().reduce(1, *))
      let flat = stored.index(row: index / columns, column: index % columns)
      let found = ChosenGradient(
        choice: choice, name: step.name, index: index, tensor: stored.name,
        place: LocalComparison.coordinates(of: flat, in: stored.shape),
        drift: drift.row(index / width)[index % width], size: sizes[index])
      if let known { chosen[known] = found } else { chosen.append(found) }
    }
    consider("greatest", engine.map { Double($0.magnitude) })
    consider("drifts most", drift.doubles.map(\.magnitude))
  }
}

extension GradientRows {
  /// The number of elements of a row.
  fileprivate var width: Int { count == 0 ? 1 : max(1, shape.reduce(1, *) / count) }
}
